#include "connectors/json/parse.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>

namespace medibridge::connectors {
namespace {

constexpr std::string_view lost_escape = "\\ufffd";

bool is_json_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What a literal or a number consists of, and what is written in their place: `NaN`, `+1`, `.5`.
bool is_bare(char c) {
    return base::is_ascii_alphanumeric(c) || c == '+' || c == '-' || c == '.' || c == '_';
}

/// Takes the digits at the beginning of `text`; whether there was one.
bool take_digits(std::string_view& text) {
    const auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count > 0;
}

/// RFC 8259 §6, and small enough for a double.
bool is_finite_number(std::string_view word) {
    auto rest = word;
    if (rest.starts_with('-')) rest.remove_prefix(1);
    const bool zero = rest.starts_with('0');
    const auto before = rest.size();
    if (!take_digits(rest) || (zero && before - rest.size() > 1)) return false;
    if (rest.starts_with('.')) {
        rest.remove_prefix(1);
        if (!take_digits(rest)) return false;
    }
    const bool exponent = rest.starts_with('e') || rest.starts_with('E');
    if (exponent) {
        rest.remove_prefix(1);
        if (rest.starts_with('+') || rest.starts_with('-')) rest.remove_prefix(1);
        if (!take_digits(rest)) return false;
    }
    if (!rest.empty()) return false;
    constexpr std::size_t always_fits = 300; // digits without an exponent
    if (!exponent && word.size() <= always_fits) return true;
    double value = 0;
    return std::from_chars(word.data(), word.data() + word.size(), value).ec == std::errc();
}

bool is_literal(std::string_view word) {
    return word == "true" || word == "false" || word == "null";
}

/// The unit of a `\u` escape that `text` begins with; nothing: it is none.
std::optional<std::uint32_t> unit_of(std::string_view text) {
    constexpr std::size_t length = 6;
    if (text.size() < length || !text.starts_with("\\u")) return std::nullopt;
    std::uint32_t unit = 0;
    const auto* end = text.data() + length;
    const auto [stop, failure] = std::from_chars(text.data() + 2, end, unit, 16);
    if (failure != std::errc() || stop != end) return std::nullopt;
    return unit;
}

bool is_high_surrogate(std::uint32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(std::uint32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

/// Walks through a text and copies it from the first repair on.
class Repairer {
  public:
    explicit Repairer(std::string_view text) : text_(text) {}

    std::optional<std::string> run() {
        while (at_ < text_.size() && out_.size() <= longest_) {
            const char c = text_[at_];
            if (c == '"')
                string();
            else if (is_bare(c))
                word();
            else
                mark(c);
        }
        if (!changed_ || out_.size() > longest_) return std::nullopt;
        out_ += text_.substr(copied_);
        return std::move(out_);
    }

  private:
    void mark(char c) {
        if (c == '{' || c == '[') ++depth_;
        if ((c == '}' || c == ']') && depth_ > 0) --depth_;
        ++at_;
    }

    /// Puts something in the place of the next `length` bytes.
    void replace(std::size_t length, std::string_view with) {
        if (!changed_) out_.reserve(longest_); // what is not written to takes no memory
        changed_ = true;
        out_ += text_.substr(copied_, at_ - copied_);
        out_ += with;
        at_ += length;
        copied_ = at_;
    }

    void word() {
        auto end = at_;
        while (end < text_.size() && is_bare(text_[end]))
            ++end;
        const auto word = text_.substr(at_, end - at_);
        // A word at the end of the text may have been cut off; a word alone is not JSON that we
        // expect.
        const bool judged = depth_ > 0 && end < text_.size();
        if (!judged || is_literal(word) || is_finite_number(word))
            at_ = end;
        else
            replace(word.size(), unreadable_number);
    }

    void string() {
        ++at_;
        while (at_ < text_.size() && out_.size() <= longest_) {
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') {
                ++at_;
                return;
            }
            if (byte == '\\')
                escape();
            else if (byte < 0x20)
                control(byte);
            else if (byte < 0x80)
                ++at_;
            else if (const auto length = base::utf8_length(text_.substr(at_)); length > 0)
                at_ += length;
            else
                replace(1, base::replacement_character);
        }
    }

    void control(unsigned char byte) { replace(1, "\\u" + base::hex_number(byte, 4)); }

    void escape() {
        const auto rest = text_.substr(at_);
        if (rest.size() < 2) {
            ++at_;
            return;
        }
        if (rest[1] != 'u') {
            constexpr std::string_view known = "\"\\/bfnrt";
            if (known.find(rest[1]) != std::string_view::npos)
                at_ += 2;
            else
                replace(1, lost_escape); // the backslash only: what follows may begin a character
            return;
        }
        const auto unit = unit_of(rest);
        if (!unit) {
            replace(2, lost_escape);
            return;
        }
        const auto behind = unit_of(rest.substr(6));
        if (is_high_surrogate(*unit) && behind && is_low_surrogate(*behind))
            at_ += 12;
        else if (is_high_surrogate(*unit) || is_low_surrogate(*unit))
            replace(6, lost_escape);
        else
            at_ += 6;
    }

    static constexpr std::size_t always_allowed = 1024; ///< bytes that repairs may add

    std::string_view text_;
    std::size_t longest_ = 2 * text_.size() + always_allowed;
    std::string out_;
    std::size_t at_ = 0;
    std::size_t copied_ = 0; ///< of the text, up to here
    std::size_t depth_ = 0;
    bool changed_ = false;
};

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char a, char b) { return a == (b | 0x20) || a == b; });
}

using nlohmann::json;

/// Walks through a text and keeps count, so that it is known where the parser stands.
class CountedByte {
  public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountedByte(const char* at, std::size_t& count) : at_(at), count_(&count) {}

    const char& operator*() const { return *at_; }
    CountedByte& operator++() {
        ++at_;
        ++*count_;
        return *this;
    }
    bool operator==(const CountedByte& other) const { return at_ == other.at_; }

  private:
    const char* at_;
    std::size_t* count_;
};

} // namespace

/// Hands the events of nlohmann's parser to a visitor.
class JsonEvents final : public json::json_sax_t {
  public:
    using Kind = RawValue::Kind;

    explicit JsonEvents(JsonVisitor& visitor) : visitor_(visitor) { visitor_.position_ = 0; }

    std::size_t& position() { return visitor_.position_; }

    bool null() override { return visitor_.scalar(Kind::null, {}); }
    bool boolean(bool value) override {
        return visitor_.scalar(Kind::boolean, value ? "true" : "false");
    }
    bool number_integer(json::number_integer_t value) override { return integer(value); }
    bool number_unsigned(json::number_unsigned_t value) override { return integer(value); }
    bool number_float(json::number_float_t, const json::string_t& written) override {
        return visitor_.scalar(Kind::decimal, written);
    }
    bool string(json::string_t& value) override { return visitor_.scalar(Kind::text, value); }
    bool binary(json::binary_t&) override { return false; } // no JSON text holds one

    bool start_object(std::size_t) override { return visitor_.open(false); }
    bool start_array(std::size_t) override { return visitor_.open(true); }
    bool end_object() override { return visitor_.close(); }
    bool end_array() override { return visitor_.close(); }
    bool key(json::string_t& name) override { return visitor_.name(name); }

    bool parse_error(std::size_t position, const std::string&, const json::exception&) override {
        broken_at_ = position;
        return false;
    }
    std::optional<std::size_t> broken_at() const { return broken_at_; }

  private:
    template <class Integer>
    bool integer(Integer value) {
        std::array<char, 24> digits{}; // 64 bits and a sign take 20
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        return visitor_.scalar(Kind::integer, std::string_view(digits.data(), end));
    }

    JsonVisitor& visitor_;
    std::optional<std::size_t> broken_at_;
};

JsonEnd parse_json(std::string_view text, JsonVisitor& visitor) {
    JsonEvents events(visitor);
    std::size_t uncounted = 0;
    const bool complete =
        json::sax_parse(CountedByte(text.data(), events.position()),
                        CountedByte(text.data() + text.size(), uncounted), &events);
    return {complete, events.broken_at()};
}

std::string parse_repaired_json(std::string_view text, JsonVisitor& visitor) {
    const auto repaired = repaired_json(text);
    const auto end = parse_json(repaired ? *repaired : text, visitor);
    return end.broken_at ? json_fault(text, *end.broken_at) : std::string();
}

std::optional<std::string> repaired_json(std::string_view text) {
    return Repairer(text).run();
}

std::string json_fault(std::string_view text, std::size_t position) {
    if (text.find('\0') != std::string_view::npos || text.starts_with("\xFF\xFE") ||
        text.starts_with("\xFE\xFF"))
        return "not JSON: the text is UTF-16 or binary";
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty() && is_json_space(text.front()))
        text.remove_prefix(1);
    if (text.empty()) return "not JSON: it is empty";
    if (begins_with(text, "<?xml")) return "not JSON: an XML document";
    if (begins_with(text, "<!doctype html") || begins_with(text, "<html") ||
        text.find("</html>") != std::string_view::npos)
        return "not JSON: an HTML page, perhaps of a sign-in, a proxy or a firewall";
    if (text.front() == '<') return "not JSON: a page in HTML or XML";
    if (text.front() != '{' && text.front() != '[') return "not JSON: some other text";
    return "not valid JSON from byte " + std::to_string(position) + " on";
}

} // namespace medibridge::connectors
