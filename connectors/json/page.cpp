#include "connectors/json/page.hpp"

#include "connectors/json/parse.hpp"

namespace medibridge::connectors {
namespace {

using Kind = RawValue::Kind;

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
            place.kind = kind;
            place.text.assign(written);
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

} // namespace

JsonPage read_json_page(std::string_view body, const JsonOutline& outline, const RecordSink& sink) {
    JsonPage page;
    Walker walker(outline, sink, page);
    auto fault = parse_repaired_json(body, walker);
    if (!fault.empty()) page.fault = std::move(fault);
    page.has_list = walker.found_records();
    return page;
}

} // namespace medibridge::connectors
