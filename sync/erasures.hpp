#pragma once

#include "sync/medicapp_reading.hpp"

namespace medibridge::sync {

/// Finds linked patients that Medicapp does not have any more, after a proven list of everything
/// (`observations.all_ids`): each is confirmed by a GET, then held `erased_in_medicapp` with a
/// tombstone, or wanted again where the operator has chosen to recreate. An implausible number of
/// them stops the cycle. Empties `observations.all_ids`.
runtime::Task<void> find_erasures(Context& context, Observations& observations);

} // namespace medibridge::sync
