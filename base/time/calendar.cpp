#include "base/time/calendar.hpp"

#include "base/bytes/ascii.hpp"

namespace medibridge::base {

std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits || digits > 9) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, digits)) {
        if (!is_ascii_digit(c)) return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
}

std::optional<std::chrono::sys_days> real_day(int year, int month, int day) {
    if (month < 1 || month > 12 || day < 1 || day > 31) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
    std::string_view rest = text;
    const auto year = take_digits(rest, 4);
    if (!year || !take(rest, "-")) return std::nullopt;
    const auto month = take_digits(rest, 2);
    if (!month || !take(rest, "-")) return std::nullopt;
    const auto day = take_digits(rest, 2);
    if (!day) return std::nullopt;
    const auto date = real_day(*year, *month, *day);
    if (date) text = rest;
    return date;
}

} // namespace medibridge::base
