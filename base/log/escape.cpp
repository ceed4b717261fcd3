#include "base/log/escape.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/treacherous.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>

namespace medibridge::log {

namespace {

void append_code(std::string& out, char32_t code) {
    out += "\\u" + base::hex_number(code, 4);
}

bool is_plain(char c) {
    return (c == ' ' || base::is_ascii_graphic(c)) && c != '"' && c != '\\';
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
        if (base::is_treacherous(static_cast<unsigned char>(c)))
            append_code(out, static_cast<unsigned char>(c));
        else
            out += c;
    }
}

} // namespace

void append_quoted(std::string& out, std::string_view text) {
    const bool cut = text.size() > max_value_size;
    text = base::utf8_prefix(text, max_value_size);
    out += '"';
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (!base::is_beyond_ascii(text[0])) {
            append_ascii(out, text[0]);
            text.remove_prefix(1);
            continue;
        }
        const auto [code, length] = base::utf8_character(text);
        if (length == 0)
            out += base::replacement_character;
        else if (base::is_treacherous(code))
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
        return base::is_ascii_graphic(c) && c != '"' && c != '\\' && c != '=';
    });
}

} // namespace medibridge::log
