#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 as RFC 3629 defines it: overlong forms, surrogates and code points above U+10FFFF are not
/// valid.
namespace medibridge::base {

/// U+FFFD, the mark of a character that was lost.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// A character at the start of a text.
struct Utf8Character {
    char32_t code = 0;
    std::size_t length = 0; ///< in bytes; 0: the bytes are no character
};

/// The first character of `text`, which is not empty.
Utf8Character utf8_character(std::string_view text);

/// The length in bytes of the first character of `text`, which is not empty; 0: no character.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

/// Whether the text holds U+FFFD: a character was lost, here or before.
bool holds_replacement(std::string_view text);

/// The longest prefix of at most `most` bytes that does not end within a character.
std::string_view utf8_prefix(std::string_view text, std::size_t most);

/// The text with U+FFFD for every byte that is not part of a character.
std::string with_replacements(std::string_view text);

} // namespace medibridge::base
