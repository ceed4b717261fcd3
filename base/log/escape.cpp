#include "base/log/escape.hpp"

#include <algorithm>
#include <cstdint>

namespace medibridge::log {

namespace {

struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0; ///< 0: no UTF-8
};

/// The character of two to four bytes at the start of `text`.
Character decode(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length == 0 || first > 0xF4 || text.size() < length) return {};
    std::uint32_t code = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) return {};
        code = code << 6 | (byte & 0x3Fu);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) return {};
    return {code, length};
}

/// What may end a line or change how the rest of it is shown.
bool is_treacherous(std::uint32_t code) {
    const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const bool separator = code == 0x2028 || code == 0x2029;
    const bool direction = code == 0x061C || code == 0x200E || code == 0x200F ||
                           (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
    return control || separator || direction || code == 0xFEFF;
}

void append_code(std::string& out, std::uint32_t code) {
    static constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += digits[code >> shift & 15];
}

bool is_plain(char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

void append_ascii(std::string& out, char c) {
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        if (is_treacherous(static_cast<unsigned char>(c)))
            append_code(out, static_cast<unsigned char>(c));
        else
            out += c;
    }
}

} // namespace

void append_quoted(std::string& out, std::string_view text) {
    const bool cut = text.size() > max_value_size;
    if (cut) {
        std::size_t end = max_value_size;
        // Not inside a character: back over at most three continuation bytes.
        for (int i = 0; i < 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; ++i)
            --end;
        text = text.substr(0, end);
    }
    out += '"';
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            append_ascii(out, text[0]);
            text.remove_prefix(1);
            continue;
        }
        const auto [code, length] = decode(text);
        if (length == 0)
            out += "\xEF\xBF\xBD";
        else if (is_treacherous(code))
            append_code(out, code);
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(1, length));
    }
    if (cut) out += "…";
    out += '"';
}

bool is_plain_word(std::string_view text) {
    constexpr std::size_t longest = 200;
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '=';
    });
}

} // namespace medibridge::log
