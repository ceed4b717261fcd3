#pragma once

#include "sync/shell/context.hpp"
#include "sync/shell/medicapp_reading.hpp"
#include "sync/shell/survey.hpp"

#include <string>
#include <vector>

/// What stops a cycle before its first write, besides the decisions on single patients. Each sets
/// off an alarm in the context, and leaves everything as it is. docs/guards.md describes them.
namespace medibridge::sync {

/// More linked patients would change than the operator has called plausible.
void guard_changes(Context& context, const std::string& what);

/// Medicapp, read whole, has no patient, although some are linked.
runtime::Task<void> guard_against_empty_medicapp(Context& context, reconcile::ReadResult read);

/// A source, read whole, shows no record, although patients are linked that came from it.
runtime::Task<void> guard_against_empty_source(Context& context, const SourcePass& pass);

/// Whether a side should be looked at more closely: it does not show the row that it has shown, or
/// its clock was set back.
bool looks_rewound(const reconcile::ReadMark& before, const reconcile::ReadResult& read);

/// Reads `stale` patients one by one, and, if the whole is `suspicious`, those that were modified
/// last: a patient who is older than when last seen proves that Medicapp has gone back in time.
runtime::Task<void> guard_against_rewound_medicapp(Context& context, std::vector<state::Link> stale,
                                                   bool suspicious);

/// Records that are older than when they were taken prove it of a source that does not show any
/// more what it has shown (`suspicious`); without that it has corrected them.
void guard_against_rewound_source(Context& context, const Delta& delta, bool suspicious);

} // namespace medibridge::sync
