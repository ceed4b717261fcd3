#include "connectors/his/json_page.hpp"

#include <cstring>
#include <nlohmann/json.hpp>

namespace medibridge::connectors {
namespace {

using nlohmann::json;
using Kind = RawValue::Kind;

/// Follows the outline while the parser walks the document. Parts that nothing points into are
/// only counted through.
class Walker final : public json::json_sax_t {
  public:
    Walker(const JsonOutline& outline, const RecordSink& sink, JsonPage& page)
        : outline_(outline),
          sink_(sink),
          page_(page),
          record_(outline.record_places()),
          seen_(outline.nodes()) {
        page_.values.resize(outline.document_places());
    }

    bool null() override { return scalar(Kind::null, std::string_view()); }
    bool boolean(bool value) override { return scalar(Kind::boolean, value ? "true" : "false"); }
    bool number_integer(json::number_integer_t value) override {
        return scalar(Kind::integer, value);
    }
    bool number_unsigned(json::number_unsigned_t value) override {
        return scalar(Kind::integer, value);
    }
    bool number_float(json::number_float_t, const json::string_t& written) override {
        return scalar(Kind::decimal, written);
    }
    bool string(json::string_t& value) override { return scalar(Kind::text, value); }
    bool binary(json::binary_t&) override { return scalar(Kind::composite, std::string_view()); }

    bool start_object(std::size_t) override { return open(false); }
    bool start_array(std::size_t) override { return open(true); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(json::string_t& name) override {
        if (skipped_ == 0) next_ = outline_.child(frames_.back().node, std::string_view(name));
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
        page_.fault =
            "it is not valid JSON: it makes no sense from byte " + std::to_string(position) + " on";
        return false;
    }

    bool found_records() const { return found_records_; }

  private:
    struct Frame {
        std::int32_t node;
        bool array;
        bool records;
        std::size_t index = 0;
    };

    /// The outline's node for the value that begins here.
    std::int32_t enter() {
        if (skipped_ > 0) return JsonOutline::none;
        if (frames_.empty()) return outline_.document();
        auto& frame = frames_.back();
        if (frame.records) return outline_.record();
        if (frame.array) return outline_.child(frame.node, frame.index++);
        return next_;
    }

    bool refuse(std::string fault) {
        page_.fault = std::move(fault);
        return false;
    }

    /// Forgets what an earlier member of the same name left behind.
    void forget(std::int32_t number) {
        const auto& node = outline_.node(number);
        for (const auto slot : node.slots)
            value(node, slot).clear();
        for (const auto below : node.children)
            forget(below);
    }

    RawValue& value(const JsonOutline::Node& node, std::int32_t slot) {
        auto& values = node.of_record ? record_ : page_.values;
        return values[static_cast<std::size_t>(slot)];
    }

    void begin(std::int32_t number) {
        const std::size_t now = outline_.node(number).of_record ? page_.records + 1 : 1;
        auto& seen = seen_[static_cast<std::size_t>(number)];
        if (seen == now) forget(number);
        seen = now;
    }

    template <class Value>
    bool scalar(Kind kind, const Value& written) {
        const auto number = enter();
        if (number == JsonOutline::none) return true;
        if (number == outline_.record()) return finish_record(false);
        begin(number);
        if (number == outline_.records()) {
            if (kind != Kind::null) return refuse("a single value stands where `records` points");
            found_records_ = true;
        }
        const auto& node = outline_.node(number);
        for (const auto slot : node.slots) {
            auto& place = value(node, slot);
            place.kind = kind;
            if constexpr (std::is_integral_v<Value>)
                place.text = std::to_string(written);
            else
                place.text.assign(written);
        }
        return true;
    }

    bool open(bool array) {
        const auto number = enter();
        if (number == JsonOutline::none) {
            ++skipped_;
            return true;
        }
        const bool records = number == outline_.records();
        if (records && found_records_) return refuse("the list of records stands in it twice");
        if (records && !array) return refuse("an object stands where `records` points, not a list");
        const bool record = number == outline_.record();
        if (!record) begin(number);
        found_records_ |= records;
        const auto& node = outline_.node(number);
        for (const auto slot : node.slots)
            value(node, slot).kind = Kind::composite;
        const bool usable = records || (record ? !array : !node.children.empty());
        if (usable) {
            frames_.push_back({number, array, records});
        } else {
            if (record) not_an_object_ = true;
            ++skipped_;
        }
        return true;
    }

    bool close() {
        if (skipped_ > 0) {
            --skipped_;
            if (skipped_ > 0 || !not_an_object_) return true;
            not_an_object_ = false;
            return finish_record(false);
        }
        const auto frame = frames_.back();
        frames_.pop_back();
        return frame.node != outline_.record() || finish_record(true);
    }

    bool finish_record(bool object) {
        ++page_.records;
        if (object)
            sink_(std::span<const RawValue>(record_));
        else
            sink_(std::nullopt);
        for (auto& each : record_)
            each.clear();
        return true;
    }

    const JsonOutline& outline_;
    const RecordSink& sink_;
    JsonPage& page_;
    std::vector<RawValue> record_;
    std::vector<std::size_t> seen_; ///< for each node, the record (from 1) it was last met in
    std::vector<Frame> frames_;
    std::int32_t next_ = JsonOutline::none;
    std::size_t skipped_ = 0;
    bool not_an_object_ = false;
    bool found_records_ = false;
};

/// The length of the valid UTF-8 sequence at the beginning of `bytes`; 0 if there is none.
std::size_t sequence_length(std::string_view bytes) {
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const auto lead = at(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (bytes.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xC0) != 0x80) return 0;
    }
    // Overlong forms, surrogates, and what lies beyond Unicode.
    if ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F) ||
        (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F))
        return 0;
    return length;
}

} // namespace

bool is_utf8(std::string_view bytes) {
    constexpr std::uint64_t high_bits = 0x8080808080808080u;
    while (!bytes.empty()) {
        std::uint64_t word = 0;
        if (bytes.size() >= sizeof word) {
            std::memcpy(&word, bytes.data(), sizeof word);
            if ((word & high_bits) == 0) {
                bytes.remove_prefix(sizeof word);
                continue;
            }
        }
        const auto length = sequence_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string with_replacements(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    while (!bytes.empty()) {
        const auto length = sequence_length(bytes);
        if (length == 0)
            out += "\xEF\xBF\xBD";
        else
            out += bytes.substr(0, length);
        bytes.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

JsonPage read_json_page(std::string_view body, const JsonOutline& outline, const RecordSink& sink) {
    JsonPage page;
    std::string repaired;
    if (!is_utf8(body)) {
        repaired = with_replacements(body);
        body = repaired;
    }
    Walker walker(outline, sink, page);
    json::sax_parse(body.begin(), body.end(), &walker);
    if (!page.fault && !walker.found_records())
        page.fault = "there is no list where `records` points";
    return page;
}

} // namespace medibridge::connectors
