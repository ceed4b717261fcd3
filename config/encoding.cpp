#include "config/encoding.hpp"

#include <string>

namespace medibridge::config {

namespace {

constexpr std::size_t max_reported = 10;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string bad_character(std::string_view rest) {
    static constexpr std::string_view digits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(rest.front());
    const std::string hex{'0', 'x', digits[byte >> 4], digits[byte & 15]};
    if (byte < 0x80) return "the control character " + hex + " is not allowed here: remove it";
    return "the byte " + hex + " is not UTF-8: save the file as UTF-8";
}

} // namespace

std::size_t character_length(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4) return 0;
    const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!is_continuation(text[i])) return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool past_end = first == 0xF4 && second > 0x8F;
    return overlong || surrogate || past_end ? 0 : length;
}

void check_encoding(std::string_view text, Report& report) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        report.mistake({1, 1}, "the file is UTF-16: save it as UTF-8");
        return;
    }
    Place place;
    std::size_t reported = 0;
    int last_line = 0; // one mistake a line is enough
    while (!text.empty() && reported < max_reported) {
        const std::size_t length = character_length(text);
        const char c = text.front();
        const bool control =
            (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
            c == 0x7F;
        if ((length == 0 || control) && place.line != last_line) {
            report.mistake(place, bad_character(text));
            last_line = place.line;
            ++reported;
        }
        if (c == '\n') {
            ++place.line;
            place.column = 1;
        } else {
            ++place.column;
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

} // namespace medibridge::config
