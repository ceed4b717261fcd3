#include "config/encoding.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"

#include <string>

namespace medibridge::config {

namespace {

constexpr std::size_t max_reported = 10;

std::string bad_character(std::string_view rest) {
    const auto hex = "0x" + base::hex(rest.substr(0, 1));
    if (!base::is_beyond_ascii(rest.front()))
        return "the control character " + hex + " is not allowed here: remove it";
    return "the byte " + hex + " is not UTF-8: save the file as UTF-8";
}

} // namespace

void check_encoding(std::string_view text, Report& report) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        report.mistake({1, 1}, "the file is UTF-16: save it as UTF-8");
        return;
    }
    Place place;
    std::size_t reported = 0;
    int last_line = 0; // one mistake a line is enough
    while (!text.empty() && reported < max_reported) {
        const std::size_t length = base::utf8_length(text);
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
