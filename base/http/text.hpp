#pragma once

#include <string_view>

/// ASCII as RFC 3986 and RFC 9110 classify it, whatever the locale.
namespace medibridge::http {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

constexpr bool is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// Graphic ASCII: no space, no control character, nothing above 0x7e.
constexpr bool is_graphic(char c) {
    return c > ' ' && c < '\x7f';
}

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (to_lower(a[i]) != to_lower(b[i])) return false;
    return true;
}

} // namespace medibridge::http
