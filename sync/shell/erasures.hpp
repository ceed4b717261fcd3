#pragma once

#include "sync/shell/medicapp_reading.hpp"

#include <vector>

namespace medibridge::sync {

/// Finds linked patients that Medicapp does not have any more, after a proven list of everything
/// (`observations.all_ids`, which is emptied): each is confirmed by a GET. An implausible number of
/// them stops the cycle.
runtime::Task<std::vector<state::Link>> find_erasures(Context& context, Observations& observations);

/// Holds them `erased_in_medicapp` with a tombstone, or wants them again where the operator has
/// chosen to recreate.
runtime::Task<void> record_erasures(Context& context, Observations& observations,
                                    std::vector<state::Link> erased);

} // namespace medibridge::sync
