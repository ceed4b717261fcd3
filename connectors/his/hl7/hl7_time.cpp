#include "connectors/his/hl7/hl7_time.hpp"

#include "connectors/his/hl7/hl7_message.hpp"
#include "connectors/his/time_text.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace medibridge::connectors::hl7 {

namespace {

bool take_date(TextCursor& cursor, CivilTime& time) {
    const auto year = cursor.take_number(4, 4);
    const auto month = year ? cursor.take_number(2, 2) : std::nullopt;
    const auto day = month ? cursor.take_number(2, 2) : std::nullopt;
    if (!day) return false;
    time.date = std::chrono::year_month_day(std::chrono::year(static_cast<int>(*year)),
                                            std::chrono::month(static_cast<unsigned>(*month)),
                                            std::chrono::day(static_cast<unsigned>(*day)));
    return time.date.ok() && *year > 0;
}

/// False: what is there is no time of day. Nothing at all is none, too, and in order.
bool take_time(TextCursor& cursor, CivilTime& time, bool& has_minutes) {
    const auto hour = cursor.take_number(2, 2);
    if (!hour) return true;
    const auto minute = cursor.take_number(2, 2);
    if (*hour > 23 || (minute && *minute > 59)) return false;
    time.time_of_day = std::chrono::hours(*hour);
    if (!minute) return true;
    has_minutes = true;
    time.time_of_day += std::chrono::minutes(*minute);
    const auto second = cursor.take_number(2, 2);
    if (!second) return true;
    if (*second > 60) return false;
    // A leap second is the last moment of its minute here.
    time.time_of_day += std::chrono::seconds(std::min<std::int64_t>(*second, 59));
    if (!cursor.take('.')) return true;
    const auto fraction = cursor.take_fraction();
    if (!fraction) return false;
    time.time_of_day += *fraction;
    return true;
}

struct Read {
    CivilTime time;
    bool has_minutes = false;
};

std::optional<Read> read(std::string_view text) {
    TextCursor cursor(reconcile::trim(text));
    Read result;
    if (!take_date(cursor, result.time)) return std::nullopt;
    if (!take_time(cursor, result.time, result.has_minutes)) return std::nullopt;
    if (!cursor.at_end()) {
        result.time.offset = cursor.take_offset();
        if (!result.time.offset || !cursor.at_end()) return std::nullopt;
    }
    return result;
}

} // namespace

std::optional<reconcile::Instant> read_time(std::string_view text, const TimeZone& zone) {
    const auto time = read(text);
    if (!time || !time->has_minutes) return std::nullopt;
    return moment(time->time, zone).instant;
}

reconcile::FieldValue read_birth_date(std::string_view text) {
    using reconcile::FieldValue;
    if (is_null(text)) return FieldValue::cleared();
    if (reconcile::trim(text).empty()) return {};
    const auto time = read(text);
    if (time) return FieldValue::known(date_text(time->time));
    return FieldValue::unreadable("is no full date (YYYYMMDD)");
}

std::string time_text(reconcile::Instant instant) {
    using namespace std::chrono;
    const auto day = floor<days>(instant);
    const year_month_day date(day);
    const hh_mm_ss time(floor<seconds>(instant - day));
    std::array<char, 40> text{};
    const int size = std::snprintf(
        text.data(), text.size(), "%04d%02u%02u%02d%02d%02d+0000", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()));
    return {text.data(), static_cast<std::size_t>(std::max(size, 0))};
}

} // namespace medibridge::connectors::hl7
