#pragma once

#include "base/bytes/ascii.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// The words of JSON (RFC 8259), for the parser and for the repairs.
namespace medibridge::connectors {

constexpr bool is_json_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What a literal or a number consists of, and what is written in their place: `NaN`, `+1`, `.5`.
constexpr bool is_bare(char c) {
    return base::is_ascii_alphanumeric(c) || c == '+' || c == '-' || c == '.' || c == '_';
}

/// How many bytes at the beginning of `text` stand in a string for themselves, and are ASCII.
std::size_t plain_length(std::string_view text);

/// A number (§6) at the beginning of a text.
struct NumberText {
    std::size_t length = 0; ///< 0: there is none
    bool whole = true;      ///< neither fraction nor exponent
    bool exponent = false;
};
NumberText number_text(std::string_view text);

/// Whether the number that is all of `word` is small enough for a double.
bool is_finite(std::string_view word, const NumberText& number);

/// The UTF-16 unit of the `\uXXXX` that `text` begins with; nothing: it is none.
std::optional<std::uint32_t> unit_of(std::string_view text);
inline constexpr std::size_t unit_length = 6;

constexpr bool is_high_surrogate(std::uint32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
constexpr bool is_low_surrogate(std::uint32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

} // namespace medibridge::connectors
