#include "ctl/clean.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/treacherous.hpp"
#include "base/bytes/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace medibridge::ctl {

namespace {

/// Calls `heed(code, bytes)` for each character; what is no character has the code 0xFFFD.
template <class Heed>
void each_character(std::string_view text, Heed heed) {
    while (!text.empty()) {
        const auto [code, length] = base::utf8_character(text);
        const bool is_one = length > 0;
        const std::size_t taken = is_one ? length : 1;
        heed(is_one ? code : char32_t{0xFFFD},
             is_one ? text.substr(0, taken) : base::replacement_character);
        text.remove_prefix(taken);
    }
}

/// Marks that are drawn over the character before them, and what is drawn nowhere.
constexpr std::array<std::pair<char32_t, char32_t>, 7> no_columns{{{0x0300, 0x036F},
                                                                   {0x1AB0, 0x1AFF},
                                                                   {0x1DC0, 0x1DFF},
                                                                   {0x200B, 0x200D},
                                                                   {0x20D0, 0x20FF},
                                                                   {0xFE00, 0xFE0F},
                                                                   {0xFE20, 0xFE2F}}};
/// Wide and full-width characters of UAX #11, by their blocks.
constexpr std::array<std::pair<char32_t, char32_t>, 7> two_columns{{{0x1100, 0x115F},
                                                                    {0x2E80, 0xA4CF},
                                                                    {0xAC00, 0xD7A3},
                                                                    {0xF900, 0xFAFF},
                                                                    {0xFE30, 0xFE6F},
                                                                    {0xFF00, 0xFF60},
                                                                    {0x1F300, 0x3FFFD}}};

bool within(const auto& blocks, char32_t code) {
    return std::ranges::any_of(
        blocks, [code](const auto& block) { return code >= block.first && code <= block.second; });
}

std::size_t columns(char32_t code) {
    if (within(no_columns, code)) return 0;
    return within(two_columns, code) ? 2 : 1;
}

std::string code_digits(char32_t code) {
    std::string digits = base::hex_number(code, 8);
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 2));
    return digits;
}

bool is_shell_plain(char c) {
    return base::is_ascii_alphanumeric(c) || std::string_view("_-./:@%+=,").contains(c);
}

} // namespace

std::string clean(std::string_view text) {
    std::string out;
    each_character(text, [&](char32_t code, std::string_view bytes) {
        if (base::is_treacherous(code))
            out += "\\u{" + code_digits(code) + "}";
        else
            out += bytes;
    });
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    each_character(text, [&](char32_t code, std::string_view) { width += columns(code); });
    return width;
}

std::string shell_word(std::string_view text) {
    if (!text.empty() && std::ranges::all_of(text, is_shell_plain)) return std::string(text);
    const bool needs_codes = clean(text) != text;
    std::string out = needs_codes ? "$'" : "'";
    for (const char c : text) {
        const bool is_control = !base::is_ascii_graphic(c) && c != ' ';
        if (c == '\'')
            out += needs_codes ? "\\'" : "'\\''";
        else if (c == '\\' && needs_codes)
            out += "\\\\";
        else if (is_control && needs_codes)
            out += "\\x" + base::hex(std::string_view(&c, 1));
        else
            out += c;
    }
    return out + "'";
}

std::string safe_json(std::string_view json) {
    std::string out;
    each_character(json, [&](char32_t code, std::string_view bytes) {
        if (base::is_treacherous(code))
            out += "\\u" + base::hex_number(code, 4);
        else
            out += bytes;
    });
    return out;
}

} // namespace medibridge::ctl
