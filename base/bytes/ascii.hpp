#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// ASCII as RFC 3986 and RFC 9110 classify it, whatever the locale.
namespace medibridge::base {

constexpr bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_ascii_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_ascii_lower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool is_ascii_letter(char c) {
    return is_ascii_lower(c) || is_ascii_upper(c);
}
constexpr bool is_ascii_alphanumeric(char c) {
    return is_ascii_letter(c) || is_ascii_digit(c);
}
constexpr bool is_hex_digit(char c) {
    return is_ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
/// A space, a tab, or a character that ends a line or a page.
constexpr bool is_ascii_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}
/// No space, no control character, nothing above 0x7e.
constexpr bool is_ascii_graphic(char c) {
    return c > ' ' && c < '\x7f';
}
/// A byte of a UTF-8 character that takes several bytes.
constexpr bool is_beyond_ascii(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}

constexpr char ascii_lower(char c) {
    return is_ascii_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char ascii_upper(char c) {
    return is_ascii_lower(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

constexpr bool is_ascii(std::string_view text) {
    return std::ranges::none_of(text, is_beyond_ascii);
}
/// Whether the text is not empty and holds only digits.
constexpr bool is_ascii_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_ascii_digit);
}
/// Characters beyond ASCII stay as they are.
constexpr std::string ascii_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        c = ascii_lower(c);
    return lower;
}
constexpr std::string ascii_upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper)
        c = ascii_upper(c);
    return upper;
}
constexpr bool equal_ignoring_ascii_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b,
                              [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

} // namespace medibridge::base
