#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/shell/context.hpp"

#include <vector>

namespace medibridge::sync {

/// Keeps what the records say of prior numbers, before any of them is decided and whatever becomes
/// of it: another source may show the patient, who does not say it, and this one may not say it for
/// ever.
runtime::Task<void> keep_prior_ids(Context& context,
                                   const std::vector<reconcile::Assessed>& records);

/// Decides again about an item that would be created, beside the patients whose numbers were once
/// stated to be its own: they are read in Medicapp. Where one cannot be read, the item is left for
/// another cycle.
runtime::Task<Effects> compare_relatives(Context& context, Item& item);

} // namespace medibridge::sync
