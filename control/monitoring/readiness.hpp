#pragma once

#include "control/monitoring/snapshot.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::monitoring {

/// Why the service is of no full use now.
struct Obstacle {
    std::string_view reason; ///< one of obstacle_reasons
    std::string side;        ///< which one; empty: none by itself
    std::optional<std::int64_t> since_ms;
    std::string detail; ///< in words for an operator; never a value
};

inline constexpr std::array<std::string_view, 7> obstacle_reasons{
    "reloading",    ///< a new configuration is being taken up
    "paused",       ///< by an operator
    "unauthorized", ///< the API key is refused: nothing is sent
    "side_down",    ///< Medicapp does not answer, or a source cannot be read
    "guard",        ///< a guard stopped the last cycle
    "cycle_failed", ///< the last cycle ended by a fault of this machine, such as a full disk
    "stale",        ///< no cycle was complete for too long, and none is coming on
};

/// Without a complete cycle for so many intervals, or this long where that is longer, the service
/// is stale.
inline constexpr std::int64_t stale_intervals = 3;
inline constexpr std::int64_t least_stale_ms = 300'000;

/// In the order of obstacle_reasons; empty: the service is ready.
std::vector<Obstacle> obstacles(const Snapshot& snapshot);

/// `{"ready":…,"reasons":[{"reason","side","since","detail"}]}`, a line.
std::string readiness_json(const std::vector<Obstacle>& found);

} // namespace medibridge::monitoring
