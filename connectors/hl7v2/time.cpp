#include "connectors/hl7v2/time.hpp"

#include "base/bytes/ascii.hpp"
#include "connectors/hl7v2/message.hpp"
#include "connectors/mapping/time_text.hpp"
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

/// False: the text is no time of day. An empty text is valid: there is none.
bool take_time(TextCursor& cursor, CivilTime& time, bool& has_minutes) {
    const auto hour = cursor.take_number(2, 2);
    if (!hour) return true;
    const auto minute = cursor.take_number(2, 2);
    if (*hour > 23 || (minute && *minute > 59)) return false;
    time.time_of_day = std::chrono::hours(*hour);
    if (!minute) return true;
    has_minutes = true;
    time.time_of_day += std::chrono::minutes(*minute);
    time.grain = std::chrono::minutes(1);
    const auto second = cursor.take_number(2, 2);
    if (!second) return true;
    if (*second > 60) return false;
    // A leap second is the last moment of its minute here.
    time.time_of_day += std::chrono::seconds(std::min<std::int64_t>(*second, 59));
    time.grain = std::chrono::seconds(1);
    if (!cursor.take('.')) return true;
    const auto fraction = cursor.take_fraction();
    if (!fraction) return false;
    time.time_of_day += *fraction;
    time.grain = std::chrono::milliseconds(1);
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

reconcile::StatedTime MessageClock::moment(const CivilTime& time) const {
    const WallTime wall = std::chrono::sys_days(time.date).time_since_epoch() + time.time_of_day;
    const auto offset = time.offset ? time.offset : offset_;
    if (!offset) return zone_.moment(wall);
    const reconcile::Instant instant(wall - *offset);
    return {instant, instant, false};
}

std::optional<std::chrono::minutes> offset_of(std::string_view text) {
    const auto time = read(text);
    return time ? time->time.offset : std::nullopt;
}

std::optional<reconcile::StatedTime> read_time(std::string_view text, const MessageClock& clock) {
    const auto time = read(text);
    if (!time || !time->has_minutes) return std::nullopt;
    auto moment = clock.moment(time->time);
    moment.latest += time->time.grain - std::chrono::milliseconds(1);
    return moment;
}

namespace {

/// The first moment of the period that a text names, and the first one after it.
std::optional<std::pair<reconcile::Instant, reconcile::Instant>>
span_of(std::string_view text, const MessageClock& clock) {
    using namespace std::chrono;
    text = reconcile::trim(text);
    std::string whole(text);
    const bool digits = std::ranges::all_of(text, base::is_ascii_digit);
    if (digits && text.size() == 4) whole += "0101";
    if (digits && text.size() == 6) whole += "01";
    const auto begin = read(whole);
    if (!begin) return std::nullopt;
    auto end = begin->time;
    if (begin->has_minutes) {
        const auto moment = clock.moment(end);
        return std::pair(moment.earliest, moment.latest + milliseconds(1));
    }
    if (text.size() == 4) {
        end.date += years(1);
    } else if (text.size() == 6) {
        end.date += months(1);
    } else {
        end.date = sys_days(end.date) + days(1);
    }
    end.time_of_day = milliseconds(0);
    return std::pair(clock.moment(begin->time).earliest, clock.moment(end).latest);
}

} // namespace

Period read_period(std::string_view from, std::string_view until, const MessageClock& clock) {
    Period period;
    if (const auto begin = span_of(from, clock)) period.from = begin->first;
    if (const auto end = span_of(until, clock)) period.until = end->second;
    return period;
}

reconcile::FieldValue read_birth_date(std::string_view text) {
    using reconcile::FieldValue;
    if (is_null(text)) return FieldValue::cleared();
    if (reconcile::trim(text).empty()) return {};
    const auto time = read(text);
    if (time) return FieldValue::known(date_text(time->time));
    return FieldValue::unreadable("is not a full date (YYYYMMDD)");
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
