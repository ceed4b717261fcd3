#include "connectors/mapping/time_text.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>

namespace medibridge::connectors {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

std::optional<std::chrono::year_month_day> take_iso_date(TextCursor& cursor) {
    const auto year = cursor.take_number(4, 4);
    if (!year || !cursor.take('-')) return std::nullopt;
    const auto month = cursor.take_number(2, 2);
    if (!month || !cursor.take('-')) return std::nullopt;
    const auto day = cursor.take_number(2, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *year == 0) return std::nullopt;
    return date;
}

bool take_iso_time(TextCursor& cursor, CivilTime& time) {
    const auto hour = cursor.take_number(2, 2);
    if (!hour || *hour > 23 || !cursor.take(':')) return false;
    const auto minute = cursor.take_number(2, 2);
    if (!minute || *minute > 59) return false;
    time.time_of_day = std::chrono::hours(*hour) + minutes(*minute);
    time.grain = minutes(1);
    if (!cursor.take(':')) return true;
    const auto second = cursor.take_number(2, 2);
    if (!second || *second > 60) return false;
    // A leap second is the last moment of its minute here.
    time.time_of_day += std::chrono::seconds(std::min<std::int64_t>(*second, 59));
    time.grain = std::chrono::seconds(1);
    if (cursor.take('.') || cursor.take(',')) {
        const auto fraction = cursor.take_fraction();
        if (!fraction) return false;
        time.time_of_day += *fraction;
        time.precision = reconcile::Precision::milliseconds;
        time.grain = milliseconds(1);
    }
    return true;
}

} // namespace

reconcile::Timestamp moment(const CivilTime& time, const TimeZone& zone) {
    const WallTime wall = std::chrono::sys_days(time.date).time_since_epoch() + time.time_of_day;
    const auto instant = time.offset ? reconcile::Instant(wall - *time.offset) : zone.instant(wall);
    return {instant, time.precision, time.grain};
}

std::string date_text(const CivilTime& time) {
    std::string text = "0000-00-00";
    const auto write = [&text](std::size_t first, std::size_t digits, unsigned number) {
        for (auto at = first + digits; at > first; number /= 10)
            text[--at] = static_cast<char>('0' + number % 10);
    };
    write(0, 4, static_cast<unsigned>(static_cast<int>(time.date.year())));
    write(5, 2, static_cast<unsigned>(time.date.month()));
    write(8, 2, static_cast<unsigned>(time.date.day()));
    return text;
}

bool TextCursor::take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
}

void TextCursor::skip_spaces() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t'))
        rest_.remove_prefix(1);
}

std::optional<std::int64_t> TextCursor::take_number(std::size_t least, std::size_t most) {
    std::int64_t number = 0;
    std::size_t length = 0;
    most = std::min<std::size_t>(most, 18);
    while (length < rest_.size() && length < most && base::is_ascii_digit(rest_[length]))
        number = number * 10 + (rest_[length++] - '0');
    if (length < least) return std::nullopt;
    rest_.remove_prefix(length);
    return number;
}

std::optional<milliseconds> TextCursor::take_fraction() {
    std::int64_t number = 0;
    std::size_t length = 0;
    for (; length < rest_.size() && length < 9 && base::is_ascii_digit(rest_[length]); ++length) {
        if (length < 3) number = number * 10 + (rest_[length] - '0');
    }
    if (length == 0) return std::nullopt;
    for (std::size_t missing = length; missing < 3; ++missing)
        number *= 10;
    rest_.remove_prefix(length);
    return milliseconds(number);
}

std::optional<minutes> TextCursor::take_offset() {
    if (take('Z') || take('z')) return minutes(0);
    TextCursor ahead = *this;
    const bool east = ahead.take('+');
    if (!east && !ahead.take('-')) return std::nullopt;
    const auto hours = ahead.take_number(2, 2);
    if (!hours || *hours > 23) return std::nullopt;
    const bool colon = ahead.take(':');
    const auto rest = ahead.take_number(2, 2);
    if ((colon && !rest) || rest.value_or(0) > 59) return std::nullopt;
    *this = ahead;
    const minutes offset(*hours * 60 + rest.value_or(0));
    return east ? offset : -offset;
}

bool TextCursor::take_word(std::string_view word) {
    const auto same = [](char a, char b) { return base::ascii_lower(a) == base::ascii_lower(b); };
    if (rest_.size() < word.size() || !std::equal(word.begin(), word.end(), rest_.begin(), same))
        return false;
    rest_.remove_prefix(word.size());
    return true;
}

std::optional<CivilTime> read_iso(std::string_view text) {
    TextCursor cursor(text);
    CivilTime time;
    const auto date = take_iso_date(cursor);
    if (!date) return std::nullopt;
    time.date = *date;
    if (cursor.at_end()) return time;
    if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) return std::nullopt;
    if (!take_iso_time(cursor, time)) return std::nullopt;
    cursor.skip_spaces();
    if (cursor.at_end()) return time;
    time.offset = cursor.take_offset();
    if (!time.offset || !cursor.at_end()) return std::nullopt;
    return time;
}

bool is_time_tail(std::string_view text) {
    if (text.empty()) return true;
    TextCursor cursor(text);
    if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) return false;
    CivilTime time;
    if (!take_iso_time(cursor, time)) return false;
    cursor.skip_spaces();
    return cursor.at_end() || (cursor.take_offset() && cursor.at_end());
}

} // namespace medibridge::connectors
