#pragma once

#include "reconcile/assess.hpp"
#include "sync/core/shown_patients.hpp"
#include "sync/shell/context.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Of merges into each other, among the records or those that are kept, the later one counts: see
/// is_overtaken(). The record of a merge that does not count becomes one in use; what it says of
/// another patient is left out. `shown`: what the pass has shown so far; whoever it shows in use is
/// merged into nobody.
runtime::Task<void> leave_overtaken(Context& context, const ShownPatients& shown,
                                    std::vector<reconcile::Assessed>& records);

/// Whether the survivor of that merge goes on, along the redirects that are kept, as its patient.
runtime::Task<bool> closes_ring(Context& context, const reconcile::Assessed& merge);

} // namespace medibridge::sync
