#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/identity_drift.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <set>
#include <string>

namespace medibridge::sync {

/// This machine's clock; nothing: not known.
std::optional<reconcile::Instant> machine_clock(const Request& request);

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

/// Whether the answer may concern one patient alone: somebody answered, and neither refused the
/// credentials nor asked to be left alone.
bool concerns_one_patient(const connectors::ApiError& error);

} // namespace medibridge::sync
