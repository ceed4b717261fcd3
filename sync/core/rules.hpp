#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/identity_drift.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <set>
#include <string>

namespace medibridge::sync {

/// This machine's clock; nothing: not known.
inline std::optional<reconcile::Instant> machine_clock(const Request& request) {
    if (request.wall_clock_ms == 0) return std::nullopt;
    return reconcile::Instant(std::chrono::milliseconds(request.wall_clock_ms));
}

/// What every decision of a cycle rests on besides what both sides show: what the operator has
/// chosen and asked for, and the clocks. What it refers to outlives it.
struct Rules {
    const reconcile::Digester& digester;
    const Settings& settings;
    const Request& request;
    const std::set<std::string>& source_names; ///< of all that are configured
    const reconcile::Clocks& clocks;           ///< this machine's, and Medicapp's as shown last

    bool several_sources() const { return source_names.size() > 1; }
};

} // namespace medibridge::sync
