#include "base/http/http_date.hpp"

#include "base/time/calendar.hpp"

#include <algorithm>
#include <array>

namespace medibridge::http {

using base::real_day;
using base::take;
using base::take_digits;
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

namespace {

constexpr std::array<std::string_view, 7> weekdays = {
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
};
constexpr std::array<std::string_view, 12> months = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/// Whether the day's name fits its date does not matter: the date says more.
bool take_weekday(std::string_view& text, bool in_full) {
    return std::ranges::any_of(weekdays, [&](std::string_view day) {
        return take(text, in_full ? day : day.substr(0, 3));
    });
}

std::optional<int> take_month(std::string_view& text) {
    for (std::size_t i = 0; i < months.size(); ++i) {
        if (take(text, months[i])) return static_cast<int>(i) + 1;
    }
    return std::nullopt;
}

std::optional<std::chrono::seconds> take_clock(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(std::min(*second, 59));
}

std::optional<Instant> at(int year, int month, int day, std::chrono::seconds clock) {
    const auto date = real_day(year, month, day);
    if (!date) return std::nullopt;
    return *date + clock;
}

/// `06 Nov 1994 08:49:37 GMT`, or with dashes and a year of two digits.
std::optional<Instant> read_day_first(std::string_view text, std::string_view separator,
                                      std::size_t year_digits) {
    const auto day = take_digits(text, 2);
    if (!day || !take(text, separator)) return std::nullopt;
    const auto month = take_month(text);
    if (!month || !take(text, separator)) return std::nullopt;
    auto year = take_digits(text, year_digits);
    if (!year || !take(text, " ")) return std::nullopt;
    // Two digits cannot mean a time before HTTP, nor, without a clock, anything else.
    if (year_digits == 2) *year += *year < 70 ? 2000 : 1900;
    const auto clock = take_clock(text);
    if (!clock || text != " GMT") return std::nullopt;
    return at(*year, *month, *day, *clock);
}

/// `Nov  6 08:49:37 1994`
std::optional<Instant> read_asctime(std::string_view text) {
    const auto month = take_month(text);
    if (!month || !take(text, " ")) return std::nullopt;
    const auto day = take(text, " ") ? take_digits(text, 1) : take_digits(text, 2);
    if (!day || !take(text, " ")) return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock || !take(text, " ")) return std::nullopt;
    const auto year = take_digits(text, 4);
    if (!year || !text.empty()) return std::nullopt;
    return at(*year, *month, *day, *clock);
}

} // namespace

std::optional<Instant> parse_http_date(std::string_view text) {
    std::string_view rest = text;
    if (take_weekday(rest, true) && take(rest, ", ")) return read_day_first(rest, "-", 2);
    rest = text;
    if (!take_weekday(rest, false)) return std::nullopt;
    if (take(rest, ", ")) return read_day_first(rest, " ", 4);
    if (take(rest, " ")) return read_asctime(rest);
    return std::nullopt;
}

} // namespace medibridge::http
