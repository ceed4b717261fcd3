#include "connectors/json/value.hpp"

#include "connectors/json/parse.hpp"

#include <charconv>
#include <utility>

namespace medibridge::connectors {

namespace {

constexpr std::size_t most_levels = 64;

/// A value takes about a hundred times the memory of its text, which may be `0,`.
class Budget {
  public:
    constexpr Budget(std::size_t values, std::size_t bytes) : values_(values), bytes_(bytes) {}

    /// False: it does not suffice.
    bool take(std::size_t bytes) {
        if (values_ == 0 || bytes > bytes_) return false;
        --values_;
        bytes_ -= bytes;
        return true;
    }

  private:
    std::size_t values_;
    std::size_t bytes_;
};

constexpr Budget of_item(10'000, 1u << 20);
constexpr Budget of_document(200'000, 8u << 20);

const JsonValue& nothing() {
    static const JsonValue absent;
    return absent;
}

} // namespace

std::optional<std::int64_t> JsonValue::count() const {
    std::int64_t count = 0;
    const auto* end = text_.data() + text_.size();
    const auto [stop, failure] = std::from_chars(text_.data(), end, count);
    if (kind_ != Kind::integer || failure != std::errc() || stop != end || count < 0)
        return std::nullopt;
    return count;
}

const JsonValue& JsonValue::operator[](std::string_view name) const {
    for (auto i = names_.size(); i > 0; --i) {
        if (names_[i - 1] == name) return values_[i - 1];
    }
    return nothing();
}

std::span<const JsonValue> JsonValue::items() const {
    if (!is_list()) return {};
    return values_;
}

/// Builds the tree while the parser walks the document.
class JsonBuilder final : public JsonVisitor {
  public:
    JsonBuilder(const JsonShape& shape, const JsonSink& sink, JsonDocument& document)
        : shape_(shape),
          sink_(sink),
          document_(document) {}

    bool scalar(JsonValue::Kind kind, std::string_view written) override {
        if (!wanted()) return true;
        if (!afford(written.size())) return !over_;
        JsonValue value;
        value.kind_ = kind;
        value.text_ = written;
        place(std::move(value), std::move(name_));
        return true;
    }

    bool open(bool list) override {
        if (!wanted() || levels_.size() >= most_levels) {
            ++skipped_;
            return true;
        }
        if (!afford(0)) {
            ++skipped_;
            return !over_;
        }
        Level level;
        level.value.kind_ = JsonValue::Kind::composite;
        level.value.list_ = list;
        level.name = std::move(name_);
        level.streams = list && levels_.size() == 1 && !shape_.streamed.empty() &&
                        level.name == shape_.streamed;
        levels_.push_back(std::move(level));
        objects_ += list ? 0 : 1;
        return true;
    }

    bool close() override {
        if (skipped_ > 0) {
            --skipped_;
            return true;
        }
        auto level = std::move(levels_.back());
        levels_.pop_back();
        objects_ -= level.value.list_ ? 0 : 1;
        place(std::move(level.value), std::move(level.name));
        return true;
    }

    bool name(std::string_view name) override {
        if (skipped_ > 0) return true;
        wanted_ = shape_.keep == nullptr || shape_.keep(name, objects_ - 1);
        if (wanted_) name_ = name.substr(0, longest_name);
        return true;
    }

    /// Whether the document held more than is read of one.
    bool is_over() const { return over_; }

  private:
    struct Level {
        JsonValue value;
        std::string name;     ///< under which it goes into the value around it
        bool streams = false; ///< its items are handed over
    };

    /// Whether the value that begins here is kept; a list keeps all of its items.
    bool wanted() const { return skipped_ == 0 && (in_list() || wanted_); }
    bool in_list() const { return levels_.empty() || levels_.back().value.list_; }

    bool in_item() const { return levels_.size() > 1 && levels_[1].streams; }

    /// Whether the value that begins is kept. If not, its item is emptied, or the reading ends.
    bool afford(std::size_t bytes) {
        const bool first = in_item() && levels_.size() == 2;
        if (first) item_ = of_item;
        if (!in_item()) {
            over_ = !document_budget_.take(bytes + name_.size());
            return !over_;
        }
        if (item_oversized_ && !first) return false;
        item_oversized_ = !item_.take(bytes + name_.size());
        return !item_oversized_;
    }

    void place(JsonValue value, std::string name) {
        if (levels_.empty()) {
            document_.root = std::move(value);
            return;
        }
        auto& level = levels_.back();
        if (level.streams) {
            if (std::exchange(item_oversized_, false)) value = oversized_item();
            sink_(value);
            return;
        }
        if (!level.value.list_) level.value.names_.push_back(std::move(name));
        level.value.values_.push_back(std::move(value));
    }

    static JsonValue oversized_item() {
        JsonValue value;
        value.kind_ = JsonValue::Kind::oversized;
        return value;
    }

    static constexpr std::size_t longest_name = 1000; ///< bytes; none that is looked for is longer

    const JsonShape& shape_;
    const JsonSink& sink_;
    JsonDocument& document_;
    std::vector<Level> levels_;
    std::string name_;
    std::size_t objects_ = 0;
    std::size_t skipped_ = 0;
    bool wanted_ = true;
    Budget document_budget_ = of_document;
    Budget item_ = of_item;
    bool item_oversized_ = false;
    bool over_ = false;
};

JsonDocument read_json(std::string_view body, const JsonShape& shape, const JsonSink& sink) {
    JsonDocument document;
    JsonBuilder builder(shape, sink, document);
    document.fault = parse_repaired_json(body, builder);
    if (builder.is_over())
        document.fault = "it holds more values or text than is read of one answer";
    return document;
}

} // namespace medibridge::connectors
