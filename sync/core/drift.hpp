#pragma once

#include "sync/core/effects.hpp"
#include "sync/core/rules.hpp"

/// Linked patients who look different in Medicapp while the HIS's side is as it was.
namespace medibridge::sync {

/// Whether the HIS's values are to be written again over what Medicapp shows.
bool reasserts(const Rules& rules, const state::Link& link, const reconcile::SideView& seen);

/// What Medicapp shows becomes what is agreed.
Effects accept(state::Link link, const reconcile::SideView& seen);

} // namespace medibridge::sync
