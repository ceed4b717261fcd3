#include "base/bytes/utf8.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <unicode/utf8.h>

namespace medibridge::base {

Utf8Character utf8_character(std::string_view text) {
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(text.size(), U8_MAX_LENGTH));
    std::int32_t length = 0;
    UChar32 code = 0;
    U8_NEXT(text.data(), length, size, code);
    if (code < 0) return {};
    return {static_cast<char32_t>(code), static_cast<std::size_t>(length)};
}

std::size_t utf8_length(std::string_view text) {
    return is_beyond_ascii(text.front()) ? utf8_character(text).length : 1;
}

bool is_utf8(std::string_view text) {
    constexpr std::uint64_t high_bits = 0x8080808080808080u;
    while (!text.empty()) {
        std::uint64_t word = 0;
        if (text.size() >= sizeof word) {
            std::memcpy(&word, text.data(), sizeof word);
            if ((word & high_bits) == 0) {
                text.remove_prefix(sizeof word);
                continue;
            }
        }
        const auto length = utf8_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

bool holds_replacement(std::string_view text) {
    return text.find(replacement_character) != std::string_view::npos;
}

std::string_view utf8_prefix(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    constexpr std::size_t longest_rest = 3; // of a character, behind its first byte
    auto end = most;
    while (end > 0 && most - end < longest_rest && U8_IS_TRAIL(text[end]))
        --end;
    return text.substr(0, end);
}

std::string with_replacements(std::string_view text) {
    if (is_utf8(text)) return std::string(text);
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto length = utf8_length(text);
        if (length == 0)
            out += replacement_character;
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

} // namespace medibridge::base
