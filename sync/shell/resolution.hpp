#pragma once

#include "sync/shell/medicapp_reading.hpp"
#include "sync/shell/pipeline.hpp"

namespace medibridge::sync {

/// Resolves the creates that ended without a clear result, all of a cycle together.
///
/// First what changed in Medicapp since `since` is read: whoever is found there is adopted (or held
/// if they are somebody else), and a create that was not executed is sent again. For patients that
/// Medicapp says exist but who were not found, the whole list is read once. Who is not found even
/// there is left for the next cycle, and held `conflict_unresolved` the second time.
runtime::Task<void> resolve(Context& context, Observations& observations, Pipeline& pipeline,
                            UnclearCreates& unclear, std::optional<reconcile::Instant> since,
                            reconcile::Precision precision, const Coverage& coverage);

} // namespace medibridge::sync
