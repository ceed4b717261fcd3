#include "reconcile/garbled.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace medibridge::reconcile {

namespace {

/// What windows-1252 has in the place of é, ä, å, ç, ê, ë, ï of code pages 437 and 850. None of
/// them stands beside a letter by itself; the ellipsis (à) shows that a name was cut off.
constexpr std::array<UChar32, 8> signs_for_letters = {U'\u201A', U'\u201E', U'\u2020', U'\u2021',
                                                      U'\u02C6', U'\u2030', U'\u2039', U'\u2026'};
/// For ô and ö: quotation marks, which stand around words, not within one.
constexpr std::array<UChar32, 2> signs_within_words = {U'\u201C', U'\u201D'};
/// For è and î: capitals, which no word of small letters has in its middle.
constexpr std::array<UChar32, 2> capitals_within_words = {U'\u0160', U'\u0152'};

bool is_one_of(UChar32 c, std::span<const UChar32> these) {
    return std::ranges::find(these, c) != these.end();
}

/// €, ¤, ±, ×, ™, §: of currency, of mathematics, or another one that no name has. The character
/// that stands for a lost one has a reason of its own.
bool is_symbol(UChar32 c) {
    if (c == U'\uFFFD') return false;
    const auto category = u_charType(c);
    return c == U'\u00A7' || category == U_CURRENCY_SYMBOL || category == U_MATH_SYMBOL ||
           category == U_OTHER_SYMBOL;
}

template <class Predicate>
bool any_character(std::string_view text, Predicate matches) {
    const auto size = static_cast<std::int32_t>(text.size());
    UChar32 before = 0;
    UChar32 c = 0;
    for (std::int32_t i = 0; i < size;) {
        UChar32 next = 0;
        U8_NEXT(text.data(), i, size, next);
        if (matches(before, c, next)) return true;
        before = c;
        c = next;
    }
    return matches(before, c, 0);
}

bool is_letter(UChar32 c) {
    return c > 0 && u_isalpha(c);
}

bool is_small(UChar32 c) {
    return c > 0 && u_islower(c);
}

} // namespace

bool is_misread_dos(std::string_view text) {
    return any_character(text, [](UChar32 before, UChar32 c, UChar32 next) {
        if (c < 0x80) return false;
        if (is_one_of(c, signs_for_letters)) return is_letter(before) || is_letter(next);
        if (is_one_of(c, signs_within_words)) return is_letter(before) && is_letter(next);
        return is_one_of(c, capitals_within_words) && is_small(before) && is_small(next);
    });
}

bool holds_symbol_beside_letter(std::string_view text) {
    return any_character(text, [](UChar32 before, UChar32 c, UChar32 next) {
        return c >= 0x80 && is_symbol(c) && (is_letter(before) || is_letter(next));
    });
}

} // namespace medibridge::reconcile
