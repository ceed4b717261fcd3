#include "ctl/moment.hpp"

#include "base/bytes/ascii.hpp"
#include "base/time/calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace medibridge::ctl {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<seconds> take_offset(std::string_view& text) {
    if (base::take(text, "Z") || base::take(text, "z")) return seconds(0);
    const bool before = text.starts_with('-');
    if (!before && !text.starts_with('+')) return std::nullopt;
    text.remove_prefix(1);
    const auto hour = base::take_digits(text, 2);
    if (!hour || !base::take(text, ":")) return std::nullopt;
    const auto minute = base::take_digits(text, 2);
    if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
    const seconds offset = hours(*hour) + minutes(*minute);
    return before ? -offset : offset;
}

std::optional<seconds> take_time_of_day(std::string_view& text) {
    const auto hour = base::take_digits(text, 2);
    if (!hour || !base::take(text, ":")) return std::nullopt;
    const auto minute = base::take_digits(text, 2);
    if (!minute || !base::take(text, ":")) return std::nullopt;
    const auto second = base::take_digits(text, 2);
    if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    if (base::take(text, "."))
        while (!text.empty() && base::is_ascii_digit(text.front()))
            text.remove_prefix(1);
    return hours(*hour) + minutes(*minute) + seconds(*second);
}

} // namespace

std::optional<Moment> read_moment(std::string_view text) {
    const auto day = base::take_date(text);
    if (!day) return std::nullopt;
    if (!base::take(text, "T") && !base::take(text, "t") && !base::take(text, " "))
        return std::nullopt;
    const auto time = take_time_of_day(text);
    if (!time) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Moment(*day) + *time - *offset;
}

std::string rfc3339(Moment moment) {
    const auto day = std::chrono::floor<std::chrono::days>(moment);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(moment - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string age_text(seconds age) {
    struct Unit {
        std::int64_t size;
        const char* name;
    };
    static constexpr std::array<Unit, 4> units{
        {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}}};
    const std::int64_t count = std::max<std::int64_t>(0, age.count());
    for (const auto& [size, name] : units) {
        if (count < size) continue;
        const std::int64_t whole = count / size;
        return fmt::format("{} {}{}", whole, name, whole == 1 ? "" : "s");
    }
    return "0 seconds";
}

std::string ago(std::string_view text, Moment now) {
    if (text.empty()) return "never";
    const auto moment = read_moment(text);
    if (!moment) return std::string(text);
    if (*moment > now) return "in " + age_text(*moment - now);
    return age_text(now - *moment) + " ago";
}

std::optional<seconds> read_duration(std::string_view text) {
    static constexpr std::array<std::pair<char, std::int64_t>, 5> units{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 7 * 86400}}};
    if (text.size() < 2) return std::nullopt;
    const auto unit = std::ranges::find(units, text.back(), &std::pair<char, std::int64_t>::first);
    std::uint32_t count = 0;
    const char* const end = text.data() + text.size() - 1;
    const auto read = std::from_chars(text.data(), end, count);
    if (unit == units.end() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    return seconds(count * unit->second);
}

std::optional<Moment> read_since(std::string_view text, Moment now) {
    if (const auto age = read_duration(text)) return now - *age;
    if (const auto moment = read_moment(text)) return moment;
    const auto day = base::take_date(text);
    if (!day || !text.empty()) return std::nullopt;
    return Moment(*day);
}

std::optional<Moment> read_until(std::string_view text, Moment now) {
    if (const auto wait = read_duration(text)) return now + *wait;
    return read_moment(text);
}

} // namespace medibridge::ctl
