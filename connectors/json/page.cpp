#include "connectors/json/page.hpp"

#include "connectors/json/parse.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {
namespace {

using Kind = RawValue::Kind;

/// Bytes of a text; no field takes more.
constexpr std::size_t longest_value = 64u << 10;

/// Follows the outline while the parser walks the document. Parts that nothing points into are
/// only counted through.
class Walker final : public JsonVisitor {
  public:
    Walker(const JsonOutline& outline, const RecordSink& sink, JsonPage& page)
        : outline_(outline),
          sink_(sink),
          page_(page),
          record_(outline.record_places()),
          seen_(outline.nodes()) {
        page_.values.resize(outline.document_places());
    }

    bool scalar(Kind kind, std::string_view written) override {
        const auto number = enter();
        if (number == JsonOutline::none) return true;
        if (number == outline_.record()) return finish_record(false);
        begin(number);
        if (number == outline_.records()) {
            if (kind != Kind::null)
                return refuse("`records` points at a single value, not at a list");
            found_records_ = true;
        }
        const auto& node = outline_.node(number);
        for (const auto slot : node.slots) {
            auto& place = value(node, slot);
            const bool oversized = written.size() > longest_value;
            place.kind = oversized ? Kind::oversized : kind;
            place.text.assign(oversized ? std::string_view() : written);
        }
        return true;
    }

    bool open(bool array) override {
        const auto number = enter();
        if (number == JsonOutline::none) {
            ++skipped_;
            return true;
        }
        const bool records = number == outline_.records();
        if (records && found_records_) return refuse("the list of records is in it twice");
        if (records && !array) return refuse("`records` points at an object, not at a list");
        const bool record = number == outline_.record();
        if (!record) begin(number);
        found_records_ |= records;
        if (records) page_.records_at = position();
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

    bool close() override {
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

    bool name(std::string_view name) override {
        if (skipped_ == 0) next_ = outline_.child(frames_.back().node, name);
        return true;
    }

    bool found_records() const { return found_records_; }

    /// What comes next are records, each by itself.
    void enter_records() { frames_.push_back({outline_.records(), true, true}); }

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

/// Where the value ends that begins at `at`, in a text that is JSON.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    constexpr std::string_view begins_longer = "\"{[";
    if (begins_longer.find(text[at]) == std::string_view::npos)
        return std::min(text.find_first_of(",] \t\r\n", at), text.size());
    std::size_t depth = 0;
    do {
        const char c = text[at++];
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        if (c != '"') continue;
        while (text[at] != '"')
            at += text[at] == '\\' ? 2 : 1;
        ++at;
    } while (depth > 0);
    return at;
}

} // namespace

JsonPage read_json_page(std::string_view body, const JsonOutline& outline, const RecordSink& sink) {
    JsonPage page;
    Walker walker(outline, sink, page);
    auto fault = parse_repaired_json(body, walker);
    if (!fault.empty()) page.fault = std::move(fault);
    page.has_list = walker.found_records();
    return page;
}

JsonRecords::JsonRecords(std::string body, const JsonOutline& outline, const JsonPage& page)
    : outline_(&outline),
      text_(std::move(body)),
      at_(page.records_at.value_or(text_.size())) {
    if (auto repaired = repaired_json(text_)) text_ = std::move(*repaired);
    if (!page.records_at) at_ = text_.size();
    skip_to_record();
}

void JsonRecords::skip_to_record() {
    at_ = std::min(text_.find_first_not_of(", \t\r\n", at_), text_.size());
    if (at_ < text_.size() && text_[at_] == ']') at_ = text_.size();
}

void JsonRecords::read(std::size_t most, const RecordSink& sink) {
    JsonPage portion;
    Walker walker(*outline_, sink, portion);
    walker.enter_records();
    while (!at_end() && portion.records < most) {
        auto end = end_of_value(text_, at_);
        const auto record = std::string_view(text_).substr(at_, end - at_);
        if (!parse_json(record, walker).complete) end = text_.size();
        at_ = end;
        skip_to_record();
    }
}

} // namespace medibridge::connectors
