#include "base/http/timing_headers.hpp"

#include "base/bytes/ascii.hpp"
#include "base/time/calendar.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

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

/// The day's name may contradict the date: the date counts.
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
    // Two digits cannot mean a time before HTTP existed.
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

namespace {

/// Numbers from here on are Unix times; from the second one on, in milliseconds.
constexpr std::int64_t first_unix_time = 1'000'000'000;
constexpr std::int64_t first_unix_time_ms = 1'000'000'000'000;
constexpr std::int64_t largest_number = 100'000'000'000'000'000;

std::chrono::milliseconds clamped(std::chrono::milliseconds pause) {
    return std::clamp(pause, std::chrono::milliseconds(0), longest_pause);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A decimal number without sign, as thousandths; digits past the third are cut. Larger numbers
/// are `largest_number`.
std::optional<std::int64_t> thousandths(std::string_view text) {
    std::int64_t value = 0;
    int decimals = -1; // -1: no point so far
    bool digits = false;
    for (const char c : text) {
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (!base::is_ascii_digit(c)) return std::nullopt;
        digits = true;
        if (decimals == 3) continue;
        if (decimals >= 0) ++decimals;
        value = std::min(value * 10 + (c - '0'), largest_number);
    }
    if (!digits) return std::nullopt;
    for (int place = std::max(decimals, 0); place < 3; ++place) {
        value = std::min(value * 10, largest_number);
    }
    return value;
}

std::optional<std::chrono::milliseconds> until(std::optional<Instant> when, std::string_view date) {
    const auto now = parse_http_date(trimmed(date));
    if (!when || !now) return std::nullopt;
    return clamped(*when - *now);
}

std::optional<std::chrono::milliseconds> pause_of_retry_after(const PacingHeaders& headers) {
    const auto text = trimmed(headers.retry_after);
    if (text.empty()) return std::nullopt;
    if (const auto number = thousandths(text)) return clamped(std::chrono::milliseconds(*number));
    return until(parse_http_date(text), headers.date);
}

std::optional<std::chrono::milliseconds> pause_of_reset(const PacingHeaders& headers) {
    const auto number = thousandths(trimmed(headers.reset));
    if (!number) return std::nullopt;
    const auto seconds = *number / 1000;
    if (seconds < first_unix_time) return clamped(std::chrono::milliseconds(*number));
    const Instant when(std::chrono::milliseconds(seconds < first_unix_time_ms ? *number : seconds));
    return until(when, headers.date);
}

} // namespace

std::optional<std::chrono::milliseconds> requested_pause(const PacingHeaders& headers,
                                                         bool refused) {
    if (refused) {
        if (const auto pause = pause_of_retry_after(headers)) return pause;
    }
    const auto remaining = thousandths(trimmed(headers.remaining));
    const bool exhausted = remaining ? *remaining == 0 : refused;
    return exhausted ? pause_of_reset(headers) : std::nullopt;
}

} // namespace medibridge::http
