#include "connectors/mapping/time_zone.hpp"

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

/// When the clock changes.
reconcile::Instant second_begin(const date::local_info& info) {
    return reconcile::Instant(info.second.begin.time_since_epoch());
}

} // namespace

TimeZone::TimeZone(std::string_view name) : zone_(find(name)) {}

reconcile::Instant TimeZone::instant(WallTime wall) const {
    const auto info = zone_->get_info(LocalTime(wall));
    switch (info.result) {
    case date::local_info::ambiguous:
        return second_begin(info) - (info.first.offset - info.second.offset);
    case date::local_info::nonexistent:
        return second_begin(info);
    default:
        return reconcile::Instant(wall - info.first.offset);
    }
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
    const auto now = zone_->get_info(instant);
    const WallTime wall = instant.time_since_epoch() + now.offset;
    const auto info = zone_->get_info(LocalTime(wall));
    if (info.result == date::local_info::ambiguous)
        return info.second.begin.time_since_epoch() + info.second.offset;
    // Readings of the hour that is left out stand for the moment at which it is.
    if (instant == now.begin) {
        const auto before = zone_->get_info(now.begin - std::chrono::seconds(1));
        return instant.time_since_epoch() + std::min(before.offset, now.offset);
    }
    return wall;
}

} // namespace medibridge::connectors
