#pragma once

#include "connectors/source/source.hpp"
#include "sync/core/progress.hpp"
#include "sync/shell/pipeline.hpp"

#include <cstdint>
#include <vector>

/// What is left once every source's delta is written.
namespace medibridge::sync {

/// Counts, of the patients whom Medicapp showed changed, those who would be written again or held.
/// Changes nothing.
runtime::Task<void> count_medicapp_changes(Context& context);

/// Holds those whom Medicapp showed under another externalId.
runtime::Task<void> settle_renamed(Context& context);

/// Settles, in this order: creates without a clear result; patients who were changed in Medicapp
/// while the HIS's side stayed the same; and those whose present record is wanted of `sources`.
/// `medicapp`: how far Medicapp's side is read.
///
/// For the creates, all of a cycle together, what changed in Medicapp is read first: who is found
/// there is adopted (or held if they are somebody else), and a create that was not executed is sent
/// again. For patients that Medicapp says exist but who were not found, the complete list is read
/// once. Who is not found even there is left for the next cycle, and held `conflict_unresolved` the
/// second time.
runtime::Task<void> settle(Context& context, Pipeline& pipeline,
                           const std::vector<connectors::Source*>& sources,
                           const Progress& medicapp, const Coverage& coverage);

/// Patients whose requests were refused wait for the next cycle, or are held after several cycles
/// in which others were served.
runtime::Task<void> settle_refused(Context& context);

} // namespace medibridge::sync
