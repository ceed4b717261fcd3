#include "connectors/json/parse.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"
#include "connectors/json/lexis.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <unicode/utf8.h>
#include <utility>
#include <vector>

namespace medibridge::connectors {
namespace {

using Kind = RawValue::Kind;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool begins_with(std::string_view text, std::string_view word) {
    return text.size() >= word.size() &&
           std::equal(word.begin(), word.end(), text.begin(),
                      [](char a, char b) { return a == (b | 0x20) || a == b; });
}

/// Whether the digits, with a sign or without, are a number of 64 bits.
bool fits_64_bits(std::string_view digits) {
    constexpr std::size_t always_fits = 18;
    if (digits.size() <= always_fits) return true;
    const auto reads = [digits](auto value) {
        return std::from_chars(digits.data(), digits.data() + digits.size(), value).ec ==
               std::errc();
    };
    return digits.starts_with('-') ? reads(std::int64_t{}) : reads(std::uint64_t{});
}

/// What a backslash makes of the character behind it; 0: nothing.
char unescaped_character(char c) {
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

void append_utf8(std::string& text, UChar32 code) {
    std::array<char, U8_MAX_LENGTH> bytes{};
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes.data(), size, code);
    text.append(bytes.data(), size);
}

} // namespace

/// Hands the parts of a text to a visitor. What a string holds without an escape is not copied.
///
/// Repairs are made when the first word is met that cannot be read: they leave all before it as it
/// is, so the reading goes on in the repaired text from there.
class JsonParser {
  public:
    JsonParser(std::string_view text, JsonVisitor& visitor, bool repairs)
        : text_(text),
          visitor_(visitor),
          repairs_(repairs) {
        visitor_.position_ = 0;
    }

    JsonEnd run() {
        const bool complete = document();
        return {complete, broken_at_};
    }

  private:
    bool document() {
        if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
        if (!value()) return false;
        while (!open_.empty()) {
            if (!member()) return false;
        }
        skip_space();
        return at_end() || broken();
    }

    /// Outside strings a NUL ends the text: some servers send the one that ends theirs.
    bool at_end() const { return at_ == text_.size() || text_[at_] == '\0'; }

    bool broken() {
        broken_at_ = at_ + 1;
        return false;
    }

    void skip_space() {
        while (at_ < text_.size() && is_json_space(text_[at_]))
            ++at_;
    }

    bool take(char expected) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != expected) return broken();
        ++at_;
        return true;
    }

    /// What comes next in the innermost list or object: its end, or one of its values.
    bool member() {
        skip_space();
        if (at_end()) return broken();
        const bool list = open_.back();
        if (text_[at_] == (list ? ']' : '}')) return close();
        if (!first_ && !take(',')) return false;
        first_ = false;
        return (list || name()) && value();
    }

    bool open(bool list) {
        visitor_.position_ = ++at_;
        open_.push_back(list);
        first_ = true;
        return visitor_.open(list);
    }

    bool close() {
        visitor_.position_ = ++at_;
        open_.pop_back();
        first_ = false;
        return visitor_.close();
    }

    bool name() {
        skip_space();
        if (at_ == text_.size() || text_[at_] != '"') return broken();
        return read_word() && visitor_.name(word_) && take(':');
    }

    bool value() {
        skip_space();
        if (at_end()) return broken();
        if (text_[at_] == '{') return open(false);
        if (text_[at_] == '[') return open(true);
        return read_word() && visitor_.scalar(kind_, word_);
    }

    /// Reads the string, number or literal that comes next.
    bool read_word() {
        const auto begin = at_;
        if (word()) return true;
        if (!std::exchange(repairs_, false)) return broken();
        repaired_ = repaired_json(text_);
        if (!repaired_) return broken();
        text_ = *repaired_;
        at_ = begin;
        return word() || broken();
    }

    bool word() {
        switch (text_[at_]) {
        case '"':
            kind_ = Kind::text;
            return string();
        case 't':
            return literal("true", Kind::boolean);
        case 'f':
            return literal("false", Kind::boolean);
        case 'n':
            return literal("null", Kind::null);
        default:
            return number();
        }
    }

    /// `007` and `nullx` are no words.
    bool ends_word() const { return at_ == text_.size() || !is_bare(text_[at_]); }

    bool literal(std::string_view written, Kind kind) {
        if (!text_.substr(at_).starts_with(written)) return false;
        at_ += written.size();
        kind_ = kind;
        word_ = kind == Kind::null ? std::string_view() : written;
        return ends_word();
    }

    bool number() {
        const auto number = number_text(text_.substr(at_));
        word_ = text_.substr(at_, number.length);
        at_ += number.length;
        if (number.length == 0 || !ends_word()) return false;
        const bool integer = number.whole && fits_64_bits(word_);
        kind_ = integer ? Kind::integer : Kind::decimal;
        if (integer && word_ == "-0") word_ = "0";
        return integer || is_finite(word_, number);
    }

    /// A string from its quotation mark on.
    bool string() {
        auto copied = ++at_; // what comes before is in decoded_, if there was an escape
        bool escaped = false;
        for (;;) {
            at_ += plain_length(text_.substr(at_));
            if (at_ == text_.size()) return false;
            const char c = text_[at_];
            if (c == '"') break;
            if (c == '\\') {
                if (!escaped) decoded_.clear();
                escaped = true;
                decoded_ += text_.substr(copied, at_ - copied);
                if (!escape()) return false;
                copied = at_;
            } else if (base::is_beyond_ascii(c)) {
                const auto length = base::utf8_length(text_.substr(at_));
                if (length == 0) return false;
                at_ += length;
            } else {
                return false;
            }
        }
        word_ = text_.substr(copied, at_ - copied);
        if (escaped) word_ = decoded_ += word_;
        ++at_;
        return true;
    }

    /// Appends what the escape stands for that comes next.
    bool escape() {
        const auto rest = text_.substr(at_);
        if (rest.size() < 2) return false;
        if (rest[1] != 'u') {
            const char c = unescaped_character(rest[1]);
            if (c == 0) return false;
            decoded_ += c;
            at_ += 2;
            return true;
        }
        auto unit = unit_of(rest);
        if (!unit || is_low_surrogate(*unit)) return false;
        at_ += unit_length;
        if (is_high_surrogate(*unit)) {
            const auto low = unit_of(rest.substr(unit_length));
            if (!low || !is_low_surrogate(*low)) return false;
            at_ += unit_length;
            unit = U16_GET_SUPPLEMENTARY(*unit, *low);
        }
        append_utf8(decoded_, static_cast<UChar32>(*unit));
        return true;
    }

    std::string_view text_;
    JsonVisitor& visitor_;
    bool repairs_;
    std::optional<std::string> repaired_;
    std::size_t at_ = 0;
    std::vector<bool> open_; ///< for each that has begun and not ended, whether it is a list
    bool first_ = false;     ///< nothing has come yet in the innermost one
    Kind kind_ = Kind::null;
    std::string_view word_; ///< read last; in the text or in decoded_
    std::string decoded_;
    std::optional<std::size_t> broken_at_;
};

JsonEnd parse_json(std::string_view text, JsonVisitor& visitor) {
    return JsonParser(text, visitor, false).run();
}

std::string parse_repaired_json(std::string_view text, JsonVisitor& visitor) {
    const auto end = JsonParser(text, visitor, true).run();
    return end.broken_at ? json_fault(text, *end.broken_at) : std::string();
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
