#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 as RFC 3629 has it: overlong forms, surrogates and what is past U+10FFFF are none.
namespace medibridge::base {

/// U+FFFD, the mark of a character that was lost.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// A character at the start of a text.
struct Utf8Character {
    char32_t code = 0;
    std::size_t length = 0; ///< in bytes; 0: there is none
};

/// The first character of `text`, which is not empty.
Utf8Character utf8_character(std::string_view text);

/// The length in bytes of the first character of `text`, which is not empty; 0: there is none.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether a character was lost, here or before us.
bool holds_replacement(std::string_view text);

/// As much of the text's beginning as `most` bytes hold, without half a character at its end.
std::string_view utf8_prefix(std::string_view text, std::size_t most);

/// The text with U+FFFD for every byte that is not part of a character.
std::string with_replacements(std::string_view text);

} // namespace medibridge::base
