#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"
#include "connectors/json/lexis.hpp"
#include "connectors/json/parse.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace medibridge::connectors {
namespace {

constexpr std::string_view lost_escape = "\\ufffd";

/// RFC 8259 §6, and small enough for a double.
bool is_finite_number(std::string_view word) {
    const auto number = number_text(word);
    return number.length > 0 && number.length == word.size() && is_finite(word, number);
}

bool is_literal(std::string_view word) {
    return word == "true" || word == "false" || word == "null";
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
            at_ += plain_length(text_.substr(at_));
            if (at_ == text_.size()) return;
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') {
                ++at_;
                return;
            }
            if (byte == '\\')
                escape();
            else if (byte < 0x20)
                control(byte);
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

} // namespace

std::optional<std::string> repaired_json(std::string_view text) {
    return Repairer(text).run();
}

} // namespace medibridge::connectors
