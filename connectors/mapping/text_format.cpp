#include "connectors/mapping/text_format.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace medibridge::connectors {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 12> month_names = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

std::optional<std::int64_t> take_month_name(TextCursor& cursor) {
    for (std::size_t i = 0; i < month_names.size(); ++i) {
        if (cursor.take_word(month_names[i]) || cursor.take_word(month_names[i].substr(0, 3)))
            return static_cast<std::int64_t>(i) + 1;
    }
    return std::nullopt;
}

/// A Unix time; a year beyond four digits is no modification time.
std::optional<std::int64_t> take_count(TextCursor& cursor, std::int64_t most) {
    const bool negative = cursor.take('-');
    const auto number = cursor.take_number(1, 18);
    if (!number || *number > most) return std::nullopt;
    return negative ? -*number : *number;
}

constexpr std::int64_t last_unix_second = 253'402'300'799; // 9999-12-31T23:59:59Z

void append_padded(std::string& out, std::int64_t number, int width, char padding = '0') {
    auto digits = std::to_string(number);
    for (auto length = static_cast<int>(digits.size()); length < width; ++length)
        out += padding;
    out += digits;
}

} // namespace

/// What the directives name, before it is put together to a time, or taken apart for writing.
struct TextFormat::Parts {
    std::int64_t year = 1970;
    std::int64_t month = 1;
    std::int64_t day = 1;
    std::int64_t day_of_year = 0;
    std::int64_t hour = 0;
    std::int64_t minute = 0;
    std::int64_t second = 0;
    std::optional<bool> afternoon;
    milliseconds fraction{0};
    std::optional<std::chrono::minutes> offset;
    std::optional<milliseconds> unix_time;
    reconcile::Precision precision = reconcile::Precision::seconds;
    milliseconds grain = std::chrono::days(1);

    void note_unit(milliseconds unit) { grain = std::min(grain, unit); }
    void note_milliseconds() {
        precision = reconcile::Precision::milliseconds;
        note_unit(milliseconds(1));
    }
    std::optional<CivilTime> civil() const;
};

std::optional<CivilTime> TextFormat::Parts::civil() const {
    CivilTime time;
    time.precision = precision;
    time.grain = grain;
    if (unix_time) {
        const auto total = *unix_time + fraction;
        const auto days = std::chrono::floor<std::chrono::days>(total);
        time.date = std::chrono::sys_days(days);
        time.time_of_day = total - days;
        time.offset = std::chrono::minutes(0);
        return time;
    }
    const std::chrono::year year_value(static_cast<int>(year));
    time.date = {year_value, std::chrono::month(static_cast<unsigned>(month)),
                 std::chrono::day(static_cast<unsigned>(day))};
    if (day_of_year > 0) {
        const auto first = std::chrono::sys_days(year_value / std::chrono::January / 1);
        time.date = first + std::chrono::days(day_of_year - 1);
    }
    auto hours = hour;
    if (afternoon) hours = hour % 12 + (*afternoon ? 12 : 0);
    const bool exists = year > 0 && time.date.ok() && time.date.year() == year_value &&
                        hours <= 23 && minute <= 59 && second <= 60;
    if (!exists) return std::nullopt;
    // A leap second is the last moment of its minute here.
    time.time_of_day = std::chrono::hours(hours) + std::chrono::minutes(minute) +
                       std::chrono::seconds(second == 60 ? 59 : second) + fraction;
    time.offset = offset;
    return time;
}

bool TextFormat::read_step(const Step& step, TextCursor& cursor, Parts& parts) const {
    const auto number = [&cursor, &step](std::int64_t& place, std::size_t width) {
        const auto read = cursor.take_number(step.full_width ? width : 1, width);
        if (read) place = *read;
        return read.has_value();
    };
    switch (step.item) {
    case Item::literal:
        return cursor.take(step.literal);
    case Item::spaces:
        cursor.skip_spaces();
        return true;
    case Item::utc:
        parts.offset = std::chrono::minutes(0);
        return cursor.take('Z');
    case Item::year:
        if (const auto year = cursor.take_number(4, 4)) return parts.year = *year, true;
        return false;
    case Item::month:
        return number(parts.month, 2);
    case Item::day:
        cursor.skip_spaces();
        return number(parts.day, 2);
    case Item::day_of_year:
        return number(parts.day_of_year, 3) && parts.day_of_year > 0;
    case Item::month_name:
    case Item::month_full_name:
        if (const auto month = take_month_name(cursor)) return parts.month = *month, true;
        return false;
    case Item::hour:
        parts.note_unit(std::chrono::hours(1));
        return number(parts.hour, 2);
    case Item::hour_of_12:
        parts.note_unit(std::chrono::hours(1));
        return number(parts.hour, 2) && parts.hour >= 1 && parts.hour <= 12;
    case Item::minute:
        parts.note_unit(std::chrono::minutes(1));
        return number(parts.minute, 2);
    case Item::second:
        parts.note_unit(std::chrono::seconds(1));
        return number(parts.second, 2);
    case Item::half_day:
        parts.afternoon = cursor.take_word("PM");
        return *parts.afternoon || cursor.take_word("AM");
    case Item::fraction:
        if (const auto fraction = cursor.take_fraction()) {
            parts.fraction = *fraction;
            parts.note_milliseconds();
            return true;
        }
        return false;
    case Item::offset:
        parts.offset = cursor.take_offset();
        return parts.offset.has_value();
    case Item::unix_seconds:
        if (const auto count = take_count(cursor, last_unix_second)) {
            parts.unix_time = std::chrono::seconds(*count);
            parts.note_unit(std::chrono::seconds(1));
            return true;
        }
        return false;
    case Item::unix_milliseconds:
        if (const auto count = take_count(cursor, last_unix_second * 1000)) {
            parts.unix_time = milliseconds(*count);
            parts.note_milliseconds();
            return true;
        }
        return false;
    }
    return false;
}

bool TextFormat::read_steps(TextCursor& cursor, Parts& parts) const {
    const auto& steps = format_.steps();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!read_step(steps[i], cursor, parts)) return false;
        if (steps[i].item != Item::second || cursor.at_end()) continue;
        const char mark = cursor.rest().front();
        const bool named = i + 1 < steps.size() && steps[i + 1].item == Item::literal &&
                           steps[i + 1].literal == mark;
        if (named || (mark != '.' && mark != ',')) continue;
        cursor.take(mark);
        const auto fraction = cursor.take_fraction();
        if (!fraction) return false;
        parts.fraction = *fraction;
        parts.note_milliseconds();
    }
    return true;
}

std::optional<CivilTime> TextFormat::read(std::string_view text) const {
    TextCursor cursor(text);
    Parts parts;
    if (!read_steps(cursor, parts) || !cursor.at_end()) return std::nullopt;
    return parts.civil();
}

std::optional<CivilTime> TextFormat::read_date(std::string_view text) const {
    TextCursor cursor(text);
    Parts parts;
    if (!read_steps(cursor, parts) || !is_time_tail(cursor.rest())) return std::nullopt;
    return parts.civil();
}

std::string TextFormat::write(reconcile::Instant instant, const TimeZone& zone) const {
    // Years of four digits: calendars of HIS know no others.
    constexpr std::chrono::sys_days earliest = std::chrono::year(1) / 1 / 1;
    constexpr std::chrono::sys_days latest = std::chrono::year(9999) / 12 / 31;
    constexpr auto end = reconcile::Instant(latest) + std::chrono::days(1) - milliseconds(1);
    instant = std::clamp<reconcile::Instant>(instant, earliest, end);
    Parts parts;
    WallTime wall = instant.time_since_epoch();
    parts.unix_time = wall;
    parts.offset = std::chrono::minutes(0);
    if (format_.has(Item::offset)) {
        const auto shown = zone.shown(instant);
        wall = shown.wall;
        parts.offset = shown.offset;
    } else if (!format_.has(Item::utc)) {
        wall = zone.lower_bound(instant);
    }
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const std::chrono::year_month_day date{std::chrono::sys_days(day)};
    const std::chrono::hh_mm_ss clock(wall - day);
    parts.year = static_cast<int>(date.year());
    parts.month = static_cast<unsigned>(date.month());
    parts.day = static_cast<unsigned>(date.day());
    parts.day_of_year =
        (std::chrono::sys_days(day) - std::chrono::sys_days(date.year() / std::chrono::January / 1))
            .count() +
        1;
    parts.hour = clock.hours().count();
    parts.minute = clock.minutes().count();
    parts.second = clock.seconds().count();
    parts.fraction = clock.subseconds();
    std::string out;
    for (const auto& step : format_.steps())
        write_step(step, parts, out);
    return out;
}

void TextFormat::write_step(const Step& step, const Parts& parts, std::string& out) {
    const auto month = static_cast<std::size_t>(parts.month - 1);
    switch (step.item) {
    case Item::literal:
    case Item::spaces:
    case Item::utc:
        out += step.literal;
        break;
    case Item::year:
        append_padded(out, parts.year, 4);
        break;
    case Item::month:
        append_padded(out, parts.month, 2);
        break;
    case Item::day:
        append_padded(out, parts.day, 2, step.spaced ? ' ' : '0');
        break;
    case Item::day_of_year:
        append_padded(out, parts.day_of_year, 3);
        break;
    case Item::month_name:
        out += month_names[month].substr(0, 3);
        break;
    case Item::month_full_name:
        out += month_names[month];
        break;
    case Item::hour:
        append_padded(out, parts.hour, 2);
        break;
    case Item::hour_of_12:
        append_padded(out, (parts.hour + 11) % 12 + 1, 2);
        break;
    case Item::minute:
        append_padded(out, parts.minute, 2);
        break;
    case Item::second:
        append_padded(out, parts.second, 2);
        break;
    case Item::half_day:
        out += parts.hour < 12 ? "AM" : "PM";
        break;
    case Item::fraction:
        append_padded(out, parts.fraction.count(), 3);
        break;
    case Item::offset: {
        const auto minutes = parts.offset->count();
        out += minutes < 0 ? '-' : '+';
        append_padded(out, std::abs(minutes) / 60, 2);
        append_padded(out, std::abs(minutes) % 60, 2);
        break;
    }
    case Item::unix_seconds:
        out += std::to_string(std::chrono::floor<std::chrono::seconds>(*parts.unix_time).count());
        break;
    case Item::unix_milliseconds:
        out += std::to_string(parts.unix_time->count());
        break;
    }
}

} // namespace medibridge::connectors
