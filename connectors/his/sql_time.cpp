#include "connectors/his/sql_time.hpp"

#include "connectors/his/time_text.hpp"

#include <cstdio>

namespace medibridge::connectors {
namespace {

using std::chrono::milliseconds;

/// The least that SQL Server's smalldatetime holds; its datetime begins in 1753.
constexpr reconcile::Instant earliest = std::chrono::sys_days(std::chrono::year_month_day(
    std::chrono::year(1900), std::chrono::January, std::chrono::day(1)));

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

std::string SqlTime::bound(std::optional<reconcile::Instant> since, bool with_offset) const {
    const auto moment = since.value_or(earliest);
    if (format_) return format_->write(moment, zone_);
    if (with_offset) return wall_text(moment.time_since_epoch()) + "+00:00";
    return wall_text(since ? zone_.lower_bound(moment) : moment.time_since_epoch());
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
