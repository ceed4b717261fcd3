#pragma once

#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"

#include <chrono>
#include <string_view>

namespace date {
class time_zone;
}

namespace medibridge::connectors {

/// A wall clock's reading: a count from 1970-01-01T00:00:00 of that clock.
using WallTime = std::chrono::milliseconds;

/// A region's wall clock, with the daylight saving of every year. Cheap to copy.
class TimeZone {
  public:
    /// Takes an IANA name such as `Europe/Paris`. Throws std::invalid_argument, with how to fix
    /// it, if this machine's time zone data does not know the name.
    explicit TimeZone(std::string_view name);

    /// When the wall clock shows `wall`. Where it shows that twice (the clock is put back), the
    /// moment at which the repeated hour begins: readings within that hour prove no order among
    /// each other. Where it never shows that (the clock is put forward), the moment of the change.
    /// So a later reading never gives an earlier moment, and a watermark never jumps ahead.
    reconcile::Instant instant(WallTime wall) const;

    /// All moments at which the clock may show `wall`: one, unless it shows that twice or never.
    reconcile::StatedTime moment(WallTime wall) const;

    /// What the wall clock shows, and how far it is ahead of UTC.
    struct Shown {
        WallTime wall;
        std::chrono::minutes offset;
    };
    Shown shown(reconcile::Instant instant) const;

    /// A reading that is not later than any reading at or after `instant`, nor than any for which
    /// instant() gives such a moment. It is what the clock shows; during the repeated hour the
    /// beginning of that hour, and at the end of the hour that is left out its beginning.
    WallTime lower_bound(reconcile::Instant instant) const;

  private:
    const date::time_zone* zone_;
};

} // namespace medibridge::connectors
