#include "reconcile/instant.hpp"

#include "base/bytes/ascii.hpp"
#include "base/time/calendar.hpp"

#include <algorithm>
#include <array>

namespace medibridge::reconcile {

using base::take;
using base::take_date;
using base::take_digits;

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant earliest = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr Instant latest =
    std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1) - milliseconds(1);

struct TimeOfDay {
    milliseconds since_midnight;
    Precision precision = Precision::seconds;
    bool leap_second = false;
};

/// Digits past the third are cut.
std::optional<milliseconds> take_fraction(std::string_view& text) {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && base::is_ascii_digit(text[digits]); ++digits) {
        if (digits < 3) value = value * 10 + (text[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    for (; digits < 3; ++digits)
        value *= 10;
    return milliseconds(value);
}

std::optional<TimeOfDay> take_time(std::string_view& text) {
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
    const auto second = take_digits(text, 2);
    if (!second || *second > 60) return std::nullopt;
    TimeOfDay time;
    time.leap_second = *second == 60;
    time.since_midnight = hours(*hour) + minutes(*minute) + seconds(*second);
    if (take(text, ".")) {
        const auto fraction = take_fraction(text);
        if (!fraction) return std::nullopt;
        time.since_midnight += *fraction;
        time.precision = Precision::milliseconds;
    }
    // Unix time has no leap second: it is the last millisecond of its minute, floored like all.
    if (time.leap_second)
        time.since_midnight = hours(*hour) + minutes(*minute + 1) - milliseconds(1);
    return time;
}

std::optional<minutes> take_offset(std::string_view& text) {
    if (take(text, "Z") || take(text, "z")) return minutes(0);
    const bool west = take(text, "-");
    if (!west && !take(text, "+")) return std::nullopt;
    const auto hour = take_digits(text, 2);
    if (!hour || *hour > 23) return std::nullopt;
    take(text, ":");
    const auto minute = take_digits(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    const minutes offset = hours(*hour) + minutes(*minute);
    return west ? -offset : offset;
}

void append(std::string& text, std::int64_t value, int digits) {
    std::array<char, 8> reversed{};
    for (int i = 0; i < digits; ++i) {
        reversed[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    text.append(reversed.rend() - digits, reversed.rend());
}

} // namespace

bool is_believable(Instant stated, std::optional<Instant> latest_clock) {
    return !latest_clock || stated <= *latest_clock + std::chrono::days(1);
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    const auto date = take_date(text);
    if (!date || !(take(text, "T") || take(text, "t"))) return std::nullopt;
    const auto time = take_time(text);
    if (!time) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    const Instant instant = *date + time->since_midnight - *offset;
    const auto end_of_day = std::chrono::ceil<std::chrono::days>(instant) - milliseconds(1);
    if (time->leap_second && instant != end_of_day) return std::nullopt;
    const bool whole = time->precision == Precision::seconds;
    return Timestamp{instant, time->precision, whole ? milliseconds(1000) : milliseconds(1)};
}

std::string format_rfc3339(Instant instant, Precision precision) {
    instant = std::clamp(instant, earliest, latest);
    const auto midnight = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date(midnight);
    const std::chrono::hh_mm_ss time(instant - midnight);
    std::string text;
    text.reserve(24);
    append(text, static_cast<int>(date.year()), 4);
    text += '-';
    append(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    append(text, static_cast<unsigned>(date.day()), 2);
    text += 'T';
    append(text, time.hours().count(), 2);
    text += ':';
    append(text, time.minutes().count(), 2);
    text += ':';
    append(text, time.seconds().count(), 2);
    if (precision == Precision::milliseconds) {
        text += '.';
        append(text, time.subseconds().count(), 3);
    }
    text += 'Z';
    return text;
}

} // namespace medibridge::reconcile
