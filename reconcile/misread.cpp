#include "reconcile/garbled.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <unicode/utf8.h>
#include <utility>

namespace medibridge::reconcile {

namespace {

/// What windows-1252 has in place of ISO 8859-1's control characters. Sorted.
constexpr std::array<std::pair<UChar32, std::uint8_t>, 27> windows_1252 = {{
    {0x0152, 0x8C}, {0x0153, 0x9C}, {0x0160, 0x8A}, {0x0161, 0x9A}, {0x0178, 0x9F}, {0x017D, 0x8E},
    {0x017E, 0x9E}, {0x0192, 0x83}, {0x02C6, 0x88}, {0x02DC, 0x98}, {0x2013, 0x96}, {0x2014, 0x97},
    {0x2018, 0x91}, {0x2019, 0x92}, {0x201A, 0x82}, {0x201C, 0x93}, {0x201D, 0x94}, {0x201E, 0x84},
    {0x2020, 0x86}, {0x2021, 0x87}, {0x2022, 0x95}, {0x2026, 0x85}, {0x2030, 0x89}, {0x2039, 0x8B},
    {0x203A, 0x9B}, {0x20AC, 0x80}, {0x2122, 0x99},
}};
static_assert(std::ranges::is_sorted(windows_1252));

/// The byte that is shown as `c`, which is not ASCII; 0: neither encoding has it.
std::uint8_t byte_of(UChar32 c) {
    if (c <= 0xFF) return static_cast<std::uint8_t>(c);
    const auto* found =
        std::ranges::lower_bound(windows_1252, c, {}, &std::pair<UChar32, std::uint8_t>::first);
    return found != windows_1252.end() && found->first == c ? found->second : std::uint8_t{0};
}

constexpr bool is_between(UChar32 c, UChar32 first, UChar32 last) {
    return c >= first && c <= last;
}

/// What names and addresses in Latin letters hold beyond ASCII, so that one such character is
/// enough. Not among them: what real words give by chance, such as U+068A for `ÚŠ`.
bool is_latin_text(UChar32 c) {
    if (c == 0x0120 || c == 0x0160) return false; // Ä or Å before a no-break space
    return is_between(c, 0x00A0, 0x017F) || c == 0x01A1 || c == 0x01AF || c == 0x01B0 ||
           is_between(c, 0x0218, 0x021B) || c == 0x0259 || // Romanian, Azerbaijani
           is_between(c, 0x0300, 0x030C) || is_between(c, 0x0323, 0x0328) || // decomposed accents
           is_between(c, 0x1E00, 0x1EFF) ||                                  // Vietnamese
           is_between(c, 0x2010, 0x2044) || c == 0x20AC || c == 0x2116 || c == 0x2122 ||
           is_between(c, 0xFB00, 0xFB06) || c == 0xFEFF || c == 0xFFFD || c > 0xFFFF;
}

/// Whether the bytes, none of them ASCII, hold UTF-8 that somebody meant.
bool holds_utf8(std::string_view bytes) {
    const auto size = static_cast<std::int32_t>(bytes.size());
    bool follows_another = false;
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(bytes.data(), i, size, c);
        const bool valid = c >= 0;
        if (valid && (follows_another || is_latin_text(c))) return true;
        follows_another = valid;
    }
    return false;
}

/// Frames of DOS (code pages 437 and 850) and the root of Mac OS Roman: what there stands for the
/// first byte of a letter in UTF-8. Nobody's name or street has them.
bool is_of_other_code_page(UChar32 c) {
    return is_between(c, 0x2500, 0x259F) || c == 0x221A;
}

} // namespace

bool is_misread_utf8(std::string_view text) {
    if (base::is_ascii(text)) return false;
    std::string bytes;
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 64 * 1024));
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(text.data(), i, size, c);
        if (c < 0) return false;
        if (is_of_other_code_page(c)) return true;
        const auto byte = c < 0x80 ? std::uint8_t{0} : byte_of(c);
        if (byte != 0) {
            bytes += static_cast<char>(byte);
        } else {
            if (holds_utf8(bytes)) return true;
            bytes.clear();
        }
    }
    return holds_utf8(bytes);
}

} // namespace medibridge::reconcile
