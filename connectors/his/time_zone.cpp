#include "connectors/his/time_zone.hpp"

#include <date/tz.h>
#include <stdexcept>
#include <string>

namespace medibridge::connectors {
namespace {

using LocalTime = date::local_time<std::chrono::milliseconds>;

const date::time_zone* find(std::string_view name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        throw std::invalid_argument("time zone \"" + std::string(name) +
                                    "\" is not known: give an IANA name such as Europe/Paris, and "
                                    "check that the package tzdata is installed");
    }
}

} // namespace

TimeZone::TimeZone(std::string_view name) : zone_(find(name)) {}

reconcile::Instant TimeZone::instant(WallTime wall) const {
    return moment(wall).earliest;
}

reconcile::StatedTime TimeZone::moment(WallTime wall) const {
    const auto info = zone_->get_info(LocalTime(wall));
    const auto first = info.first.offset;
    const bool unique = info.result == date::local_info::unique;
    const auto second = unique ? first : info.second.offset;
    // The greater offset gives the earlier moment: before the clock is put back, after it is put
    // forward.
    return {reconcile::Instant(wall - std::max(first, second)),
            reconcile::Instant(wall - std::min(first, second)), false};
}

TimeZone::Shown TimeZone::shown(reconcile::Instant instant) const {
    const auto offset = zone_->get_info(instant).offset;
    return {instant.time_since_epoch() + offset, std::chrono::floor<std::chrono::minutes>(offset)};
}

WallTime TimeZone::lower_bound(reconcile::Instant instant) const {
    const auto wall = shown(instant).wall;
    const auto info = zone_->get_info(LocalTime(wall));
    if (info.result != date::local_info::ambiguous) return wall;
    return info.second.begin.time_since_epoch() + info.second.offset;
}

} // namespace medibridge::connectors
