#include "connectors/json/lexis.hpp"

#include "base/bytes/ascii.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

namespace medibridge::connectors {
namespace {

constexpr std::uint64_t each_byte(std::uint8_t value) {
    return 0x0101010101010101U * value;
}

/// Marks, by its highest bit, each of eight bytes that is beyond ASCII, a control character, a
/// quotation mark or a backslash. A subtraction that borrows sets that bit; where a byte borrows
/// from the next one that may be marked too, but never the lowest that is.
std::uint64_t marked(std::uint64_t word) {
    const auto below = [](std::uint64_t bytes, std::uint8_t limit) {
        return (bytes - each_byte(limit)) & ~bytes;
    };
    const auto found = word | below(word, 0x20) | below(word ^ each_byte('"'), 1) |
                       below(word ^ each_byte('\\'), 1);
    return found & each_byte(0x80);
}

bool is_plain(char c) {
    return c >= 0x20 && c != '"' && c != '\\' && !base::is_beyond_ascii(c);
}

std::size_t digits_at(std::string_view text, std::size_t at) {
    const auto begin = at;
    while (at < text.size() && base::is_ascii_digit(text[at]))
        ++at;
    return at - begin;
}

} // namespace

std::size_t plain_length(std::string_view text) {
    std::size_t at = 0;
    std::uint64_t word = 0;
    while (std::endian::native == std::endian::little && at + sizeof word <= text.size()) {
        std::memcpy(&word, text.data() + at, sizeof word);
        if (const auto marks = marked(word); marks != 0)
            return at + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
        at += sizeof word;
    }
    while (at < text.size() && is_plain(text[at]))
        ++at;
    return at;
}

NumberText number_text(std::string_view text) {
    NumberText number;
    std::size_t at = text.starts_with('-') ? 1 : 0;
    const auto before = digits_at(text, at);
    if (before == 0) return number;
    at += text[at] == '0' ? 1 : before; // what follows a zero is no part of the number
    if (at < text.size() && text[at] == '.') {
        const auto fraction = digits_at(text, at + 1);
        if (fraction == 0) return number;
        number.whole = false;
        at += 1 + fraction;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        const auto digits = digits_at(text, at);
        if (digits == 0) return number;
        number.whole = false;
        number.exponent = true;
        at += digits;
    }
    number.length = at;
    return number;
}

bool is_finite(std::string_view word, const NumberText& number) {
    constexpr std::size_t always_fits = 300; // digits without an exponent
    if (!number.exponent && word.size() <= always_fits) return true;
    double value = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
    if (read.ec == std::errc()) return true;
    // Out of range is also what is too small, which is as good as zero.
    return std::isfinite(std::strtod(std::string(word).c_str(), nullptr));
}

std::optional<std::uint32_t> unit_of(std::string_view text) {
    if (text.size() < unit_length || !text.starts_with("\\u")) return std::nullopt;
    std::uint32_t unit = 0;
    const auto* end = text.data() + unit_length;
    const auto [stop, failure] = std::from_chars(text.data() + 2, end, unit, 16);
    if (failure != std::errc() || stop != end) return std::nullopt;
    return unit;
}

} // namespace medibridge::connectors
