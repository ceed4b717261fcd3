#include "config/document.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <sstream>
#include <string>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace medibridge::config {

namespace {

constexpr std::size_t max_reported = 10;

std::string bad_character(std::string_view rest) {
    const auto hex = "0x" + base::hex(rest.substr(0, 1));
    if (!base::is_beyond_ascii(rest.front()))
        return "the control character " + hex + " is not allowed here: remove it";
    return "the byte " + hex + " is not UTF-8: save the file as UTF-8";
}

/// Reports what cannot stand in a YAML file: bytes that are not UTF-8, and control characters.
void check_encoding(std::string_view text, Report& report) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        report.mistake({1, 1}, "the file is UTF-16: save it as UTF-8");
        return;
    }
    Place place;
    std::size_t reported = 0;
    int last_line = 0; // one mistake a line is enough
    while (!text.empty() && reported < max_reported) {
        const std::size_t length = base::utf8_length(text);
        const char c = text.front();
        const bool control =
            (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
            c == 0x7F;
        if ((length == 0 || control) && place.line != last_line) {
            report.mistake(place, bad_character(text));
            last_line = place.line;
            ++reported;
        }
        if (c == '\n') {
            ++place.line;
            place.column = 1;
        } else {
            ++place.column;
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Finds yaml-cpp's marks (bytes, from 0, without the byte order mark) in the text.
class Text {
  public:
    explicit Text(std::string_view text) : text_(text) {
        if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
        line_starts_.push_back(0);
        for (std::size_t i = 0; i < text_.size(); ++i)
            if (text_[i] == '\n') line_starts_.push_back(i + 1);
    }

    std::size_t offset(const YAML::Mark& mark) const {
        const auto line = std::clamp<std::size_t>(mark.line < 0 ? 0 : std::size_t(mark.line), 0,
                                                  line_starts_.size() - 1);
        const auto column = mark.column < 0 ? 0 : std::size_t(mark.column);
        return std::min(line_starts_[line] + column, text_.size());
    }

    Place place(const YAML::Mark& mark) const {
        const std::size_t end = offset(mark);
        const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), end);
        const std::size_t start = *(next - 1);
        Place place;
        place.line = static_cast<int>(next - line_starts_.begin());
        for (auto rest = text_.substr(start, end - start); !rest.empty(); ++place.column)
            rest.remove_prefix(std::max<std::size_t>(1, base::utf8_length(rest)));
        return place;
    }

    char at(const YAML::Mark& mark) const {
        const std::size_t where = offset(mark);
        return where < text_.size() ? text_[where] : '\0';
    }

    /// Whether the quoted scalar at `mark` ends before the text does: yaml-cpp takes the end of the
    /// file for the closing quote.
    bool closes(const YAML::Mark& mark) const {
        const std::size_t start = offset(mark);
        const char quote_mark = text_[start];
        for (std::size_t i = start + 1; i < text_.size(); ++i) {
            if (quote_mark == '"' && text_[i] == '\\') {
                ++i;
            } else if (text_[i] == quote_mark) {
                const bool escaped =
                    quote_mark == '\'' && i + 1 < text_.size() && text_[i + 1] == '\'';
                if (!escaped) return true;
                ++i;
            }
        }
        return false;
    }

    bool indented_by_tab(const YAML::Mark& mark) const {
        const std::size_t start = line_starts_[std::size_t(place(mark).line - 1)];
        const auto end = text_.find_first_not_of(" \t", start);
        return text_.substr(start, end - start).find('\t') != std::string_view::npos;
    }

  private:
    std::string_view text_;
    std::vector<std::size_t> line_starts_;
};

/// Builds the tree out of the parser's events.
class Builder final : public YAML::EventHandler {
  public:
    Builder(const Text& text, Report& report) : text_(text), report_(report) {}

    Node take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_extras(mark, anchor, {});
        put(make(Node::Kind::null, mark));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        report_.mistake(text_.place(mark), "aliases (`*…`) are not supported: write the value out");
        put(make(Node::Kind::null, mark));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_extras(mark, anchor, tag);
        Node node = make(Node::Kind::scalar, mark);
        const char first = text_.at(mark);
        node.quoted = first == '"' || first == '\'' || first == '|' || first == '>';
        node.text = value;
        if ((first == '"' || first == '\'') && !text_.closes(mark))
            report_.mistake(node.place, "this quote is never closed");
        put(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        refuse_extras(mark, anchor, tag);
        open(make(Node::Kind::sequence, mark));
    }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        refuse_extras(mark, anchor, tag);
        open(make(Node::Kind::mapping, mark));
    }

  private:
    /// A collection that is being read, and the key that waits for its value.
    struct Open {
        Node node;
        std::optional<Entry> pending;
    };

    Node make(Node::Kind kind, const YAML::Mark& mark) const {
        Node node;
        node.kind = kind;
        node.place = text_.place(mark);
        return node;
    }

    void refuse_extras(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
        if (anchor != 0)
            report_.mistake(
                text_.place(mark),
                "anchors (`&…`) are not supported: write the value out where it is needed");
        // `?` stands for no tag, `!` for a scalar in quotes.
        if (!tag.empty() && tag != "?" && (tag != "!" || text_.at(mark) == '!'))
            report_.mistake(text_.place(mark), "tags (`!…`) are not supported: remove it");
    }

    void open(Node node) { open_.push_back({std::move(node), std::nullopt}); }

    void close() {
        Node node = std::move(open_.back().node);
        open_.pop_back();
        put(std::move(node));
    }

    void put(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.kind == Node::Kind::sequence) {
            parent.node.items.push_back(std::move(node));
        } else if (parent.pending) {
            parent.pending->value = std::move(node);
            parent.node.entries.push_back(std::move(*parent.pending));
            parent.pending.reset();
        } else {
            parent.pending = key_of(std::move(node), parent.node);
        }
    }

    Entry key_of(Node node, const Node& mapping) {
        Entry entry;
        entry.place = node.place;
        entry.key = std::move(node.text);
        if (node.kind != Node::Kind::scalar)
            report_.mistake(entry.place, "a key must be text");
        else if (entry.key == "<<" && !node.quoted)
            report_.mistake(entry.place, "merge keys (`<<`) are not supported: write the keys out");
        const auto same =
            std::find_if(mapping.entries.begin(), mapping.entries.end(), [&](const Entry& other) {
                return node.kind == Node::Kind::scalar && other.key == entry.key;
            });
        if (same != mapping.entries.end())
            report_.mistake(entry.place, "this key is here twice, first in line " +
                                             std::to_string(same->place.line) + ": keep one");
        return entry;
    }

    const Text& text_;
    Report& report_;
    std::vector<Open> open_;
    Node root_;
};

/// yaml-cpp's message in words that help. Its own texts are not passed on: they may quote what
/// stands at the place, which may be a secret.
std::string syntax_mistake(const YAML::ParserException& error, const Text& text) {
    using namespace YAML;
    const std::string_view what = error.msg;
    if (text.indented_by_tab(error.mark))
        return "indent with spaces: YAML does not allow a tab here";
    if (what == ErrorMsg::UNKNOWN_TOKEN)
        return "a value that begins with a character such as % or @ must be quoted";
    if (what == ErrorMsg::UNKNOWN_ANCHOR)
        return "a value that begins with * or & must be quoted (aliases are not supported)";
    if (what == ErrorMsg::MAP_VALUE || what == ErrorMsg::MAP_KEY)
        return "a key is not allowed here: check the indentation, and put a text that holds `: ` "
               "in "
               "quotes";
    if (what == ErrorMsg::END_OF_SEQ_FLOW) return "a `]` is missing";
    if (what == ErrorMsg::END_OF_MAP_FLOW) return "a `}` is missing";
    if (what == ErrorMsg::FLOW_END) return "one `]` or `}` too many";
    if (what.starts_with(ErrorMsg::INVALID_ESCAPE))
        return "unknown escape after `\\`: write `\\\\`, or use single quotes";
    if (what == ErrorMsg::EOF_IN_SCALAR) return "a quote is never closed";
    if (what == ErrorMsg::BAD_FILE) return "nested too deeply";
    return "this is not valid YAML: check indentation, quotes and brackets";
}

} // namespace

std::string_view name(Node::Kind kind) {
    switch (kind) {
    case Node::Kind::null:
        return "nothing";
    case Node::Kind::scalar:
        return "a single value";
    case Node::Kind::sequence:
        return "a list";
    case Node::Kind::mapping:
        return "a mapping";
    }
    return {};
}

std::optional<Node> read_document(const std::string& text, Report& report) {
    if (text.size() > max_document_size) {
        report.mistake({1, 1}, "the file is larger than 1 MiB: it is not a configuration");
        return std::nullopt;
    }
    const auto before = report.mistakes();
    check_encoding(text, report);
    if (report.mistakes() != before) return std::nullopt;

    const Text places(text);
    Builder builder(places, report);
    std::istringstream stream(text);
    try {
        YAML::Parser parser(stream);
        if (!parser.HandleNextDocument(builder)) return Node{};
        Node root = builder.take();
        Report second_report({}, report.environment());
        Builder second(places, second_report);
        if (parser.HandleNextDocument(second)) {
            report.mistake(second.take().place,
                           "a second document begins here: only one is read, remove it or join "
                           "the two");
        }
        return root;
    } catch (const YAML::ParserException& error) {
        report.mistake(places.place(error.mark), syntax_mistake(error, places));
        return std::nullopt;
    }
}

} // namespace medibridge::config
