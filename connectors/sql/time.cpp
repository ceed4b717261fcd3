#include "connectors/sql/time.hpp"

#include "connectors/mapping/time_text.hpp"

#include <cstdio>

namespace medibridge::connectors {
namespace {

using std::chrono::milliseconds;

constexpr reconcile::Instant first_of(int year, int day = 1) {
    return std::chrono::sys_days(std::chrono::year_month_day(
        std::chrono::year(year), std::chrono::January, std::chrono::day(unsigned(day))));
}

std::string wall_text(WallTime wall) {
    const auto days = std::chrono::floor<std::chrono::days>(wall);
    CivilTime time;
    time.date = std::chrono::sys_days(days);
    const std::chrono::hh_mm_ss clock(wall - days);
    char text[32];
    std::snprintf(text, sizeof text, " %02d:%02d:%02d", static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    auto written = date_text(time) + text;
    if (clock.subseconds().count() == 0) return written;
    std::snprintf(text, sizeof text, ".%03d", static_cast<int>(clock.subseconds().count()));
    written += text;
    written.erase(written.find_last_not_of('0') + 1);
    return written;
}

} // namespace

SqlTime::SqlTime(const config::FieldPlace& place, std::string_view zone_name) : zone_(zone_name) {
    if (!place.format.empty()) format_.emplace(place.format);
}

std::vector<std::string> SqlTime::beginnings(const SqlDialect& dialect) const {
    if (!format_) return dialect.beginnings();
    // The first day that types of dates hold, as a number of 32 bits does, or one without a sign.
    const TimeZone utc("UTC");
    std::vector<std::string> texts;
    for (const auto day :
         {first_of(1), first_of(1753), first_of(1900), first_of(1902), first_of(1970)})
        texts.push_back(format_->write(day, utc));
    return texts;
}

bool SqlTime::is_of_old(reconcile::Instant since) {
    return since < first_of(1970, 2);
}

std::string SqlTime::bound(reconcile::Instant since, bool with_offset) const {
    if (format_) return format_->write(since, zone_);
    if (with_offset) return wall_text(since.time_since_epoch()) + "+00:00";
    return wall_text(zone_.lower_bound(since));
}

SqlTime::Beyond SqlTime::beyond(std::string_view text) {
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    if (text == "infinity") return Beyond::for_ever;
    if (text == "-infinity" || text.ends_with(" BC") || text.starts_with("0000-00-00"))
        return Beyond::before;
    TextCursor cursor(text);
    const auto year = cursor.take_number(5, 6);
    return year && cursor.take('-') ? Beyond::for_ever : Beyond::none;
}

std::optional<SqlTime::Position> SqlTime::position(std::string_view text) const {
    while (!text.empty() && text.back() == ' ') // CHAR columns are filled up
        text.remove_suffix(1);
    const auto time = format_ ? format_->read(text) : read_iso(text);
    if (!time) return std::nullopt;
    const milliseconds wall =
        std::chrono::sys_days(time->date).time_since_epoch() + time->time_of_day;
    if (!time->offset) return Position{wall, false};
    return Position{wall - *time->offset, true};
}

} // namespace medibridge::connectors
