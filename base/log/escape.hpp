#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace medibridge::log {

/// Longest value that is written, in bytes; the rest is cut and marked with `…`.
inline constexpr std::size_t max_value_size = 1024;

/// Appends `text` between double quotes, as JSON has it. Whatever its bytes are, the result is
/// valid UTF-8 on one line: control characters, line and paragraph separators and marks that turn
/// the direction of writing are escaped, bytes that are not UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);

/// Whether `text` reads the same without quotes in a line for people: one word, nothing escaped.
bool is_plain_word(std::string_view text);

} // namespace medibridge::log
