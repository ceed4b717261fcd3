#include "reconcile/garbled.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {

namespace {

constexpr std::string_view misread = "looks like UTF-8 read in another encoding";
constexpr std::string_view has_sign = "holds a sign where a letter was, perhaps of a DOS encoding";
constexpr std::string_view has_entity = "holds an HTML entity";
constexpr std::string_view has_percent = "holds percent-encoding";
constexpr std::string_view has_escape = "holds a backslash escape";
constexpr std::string_view has_quoted_printable = "holds quoted-printable encoding";
constexpr std::string_view has_markup = "holds markup or fill characters (< >)";
constexpr std::string_view has_question =
    "holds a question mark, perhaps for a letter that was lost";

constexpr std::string_view inverted_question = "\u00BF";

bool is_octal(char c) {
    return c >= '0' && c <= '7';
}

bool starts_with_hex(std::string_view text, std::size_t digits) {
    return text.size() >= digits && std::ranges::all_of(text.substr(0, digits), base::is_hex_digit);
}

/// Whether `matches` holds for what follows some `mark` in the text.
template <class Predicate>
bool any_after(std::string_view text, char mark, Predicate matches) {
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1))
        if (matches(text.substr(at + 1))) return true;
    return false;
}

/// `egrave;`, `#233;`, `#xE9;` (HTML 5 §13.5). No name has `&#` and a digit, with `;` or without.
bool is_entity(std::string_view rest) {
    if (rest.starts_with('#'))
        return rest.size() > 1 &&
               (base::is_ascii_digit(rest[1]) ||
                ((rest[1] == 'x' || rest[1] == 'X') && starts_with_hex(rest.substr(2), 1)));
    const auto end = rest.find(';');
    return end != std::string_view::npos && end > 1 && base::is_ascii_letter(rest.front()) &&
           std::ranges::all_of(rest.substr(0, end), base::is_ascii_alphanumeric);
}

/// `303`, of an octal escape that is not ASCII.
bool is_high_octal(std::string_view rest) {
    return rest.size() >= 3 && (rest[0] == '2' || rest[0] == '3') && is_octal(rest[1]) &&
           is_octal(rest[2]);
}

/// HL7 v2.5 §2.7: `T\`, `X0D\`, `.br\`.
bool is_hl7_escape(std::string_view rest) {
    const auto end = rest.find('\\');
    if (end == std::string_view::npos || end == 0) return false;
    const auto word = rest.substr(0, end);
    if (end == 1) return std::string_view("EFHNRST").find(word[0]) != std::string_view::npos;
    if (word[0] == 'X') return std::ranges::all_of(word.substr(1), base::is_hex_digit);
    return word[0] == '.' && std::ranges::all_of(word.substr(1), base::is_ascii_alphanumeric);
}

/// What follows a backslash in JSON, C, SQL and HL7, except what an identifier may hold by chance.
bool is_escape(std::string_view rest) {
    if (rest.empty()) return false;
    switch (rest.front()) {
    case 'u':
    case 'U':
        return starts_with_hex(rest.substr(1), 4);
    case 'x':
        return starts_with_hex(rest.substr(1), 2);
    case '\'':
    case '"':
        return true;
    default:
        return is_hl7_escape(rest) || (is_high_octal(rest) && rest.size() >= 7 && rest[3] == '\\' &&
                                       is_high_octal(rest.substr(4)));
    }
}

bool is_line_escape(std::string_view rest) {
    return !rest.empty() && std::string_view("nrt").find(rest.front()) != std::string_view::npos;
}

/// RFC 2045 §6.7: a byte that is not ASCII, a space or the sign itself; RFC 2047: `?UTF-8?Q?`.
bool is_quoted_printable(std::string_view rest) {
    if (rest.starts_with("?") && std::ranges::count(rest, '?') >= 4) return true;
    if (rest.size() < 2) return false;
    const bool high = rest[0] == '8' || rest[0] == '9' || (rest[0] >= 'A' && rest[0] <= 'F');
    const bool upper_hex = base::is_ascii_digit(rest[1]) || (rest[1] >= 'A' && rest[1] <= 'F');
    return (high && upper_hex) || rest.starts_with("20") || rest.starts_with("3D");
}

bool is_tag(std::string_view rest) {
    return !rest.empty() && (base::is_ascii_letter(rest[0]) || rest[0] == '/' || rest[0] == '!') &&
           rest.find('>') != std::string_view::npos;
}

bool ends_in_letter(std::string_view text) {
    if (text.empty()) return false;
    auto at = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), U8_MAX_LENGTH));
    const auto end = text.substr(text.size() - static_cast<std::size_t>(at));
    UChar32 c = 0;
    U8_PREV(end.data(), 0, at, c);
    return c >= 0 && u_isalpha(c);
}

bool begins_with_letter(std::string_view text) {
    if (text.empty()) return false;
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), U8_MAX_LENGTH));
    std::int32_t at = 0;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    return c >= 0 && u_isalpha(c);
}

/// Whether `mark` is where a letter may have been: beside another letter.
bool touches_letter(std::string_view text, std::string_view mark) {
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1))
        if (ends_in_letter(text.substr(0, at)) || begins_with_letter(text.substr(at + mark.size())))
            return true;
    return false;
}

/// What programs write for no value. Without the words that are also places: None, Nil, Aucun.
bool is_null_word(std::string_view text) {
    constexpr std::array<std::string_view, 7> words = {"null", "(null)", "<null>",   "[null]",
                                                       "\\n",  "n/a",    "undefined"};
    return std::ranges::any_of(words, [text](std::string_view word) {
        return base::equal_ignoring_ascii_case(text, word);
    });
}

bool holds_letter_or_digit(std::string_view text) {
    if (std::ranges::any_of(text, base::is_ascii_alphanumeric)) return true;
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        if (c >= 0 && u_isalnum(c)) return true;
    }
    return false;
}

/// Of each byte, whether it is one of `these`, or beyond ASCII.
constexpr std::array<bool, 256> beyond_ascii_or(std::string_view these) {
    std::array<bool, 256> marks{};
    for (std::size_t byte = 0x80; byte < marks.size(); ++byte)
        marks[byte] = true;
    for (const char c : these)
        marks[static_cast<unsigned char>(c)] = true;
    return marks;
}

/// With what one of the encoded forms begins.
constexpr auto marks_of_encoding = beyond_ascii_or("&%\\=");
/// With what anything begins that is looked for behind the forms of a spreadsheet.
constexpr auto marks_in_text = beyond_ascii_or("&%\\=<>?");

bool holds_any(std::string_view text, const std::array<bool, 256>& marks) {
    return std::ranges::any_of(text, [&](char c) { return marks[static_cast<unsigned char>(c)]; });
}

std::string_view encoded(std::string_view text) {
    if (!holds_any(text, marks_of_encoding)) return {};
    if (is_misread_utf8(text)) return misread;
    if (any_after(text, '&', is_entity)) return has_entity;
    const auto is_percent = [](std::string_view rest) { return starts_with_hex(rest, 2); };
    if (any_after(text, '%', is_percent)) return has_percent;
    if (any_after(text, '\\', is_escape)) return has_escape;
    if (any_after(text, '=', is_quoted_printable)) return has_quoted_printable;
    return {};
}

} // namespace

std::string_view garbled_name(std::string_view text) {
    if (const auto form = spreadsheet_text(text); !form.empty()) return form;
    if (!holds_any(text, marks_in_text)) return {};
    if (const auto form = encoded(text); !form.empty()) return form;
    if (text.find('\\') != std::string_view::npos) return has_escape;
    if (text.find_first_of("<>") != std::string_view::npos) return has_markup;
    if (text.find('?') != std::string_view::npos ||
        text.find(inverted_question) != std::string_view::npos)
        return has_question;
    if (is_misread_dos(text) || holds_symbol_beside_letter(text)) return has_sign;
    return {};
}

std::string_view garbled_line(std::string_view text) {
    const auto value = trim(text);
    if (is_null_word(value)) return no_value;
    if (!value.empty() && !holds_letter_or_digit(value)) return no_character;
    if (const auto form = spreadsheet_text(text); !form.empty()) return form;
    if (!holds_any(text, marks_in_text)) return {};
    if (const auto form = encoded(text); !form.empty()) return form;
    if (any_after(text, '\\', is_line_escape)) return has_escape;
    if (any_after(text, '<', is_tag)) return has_markup;
    if (touches_letter(text, "?") || touches_letter(text, inverted_question)) return has_question;
    if (is_misread_dos(text)) return has_sign;
    return {};
}

std::string_view garbled_id(std::string_view text) {
    if (const auto form = spreadsheet_key(text); !form.empty()) return form;
    return encoded(text);
}

} // namespace medibridge::reconcile
