#pragma once

#include "sync/context.hpp"
#include "sync/medicapp_reading.hpp"
#include "sync/survey.hpp"

#include <string>

/// What stops a cycle before its first write, besides the decisions on single patients. Each sets
/// off an alarm in the context, and leaves everything as it is. docs/guards.md describes them.
namespace medibridge::sync {

/// More linked patients would change than the operator has called plausible.
void guard_changes(Context& context, const std::string& what);

/// Medicapp, read whole, has no patient, although some are linked.
runtime::Task<void> guard_against_empty_medicapp(Context& context, reconcile::ReadResult read);

/// A source, read whole, shows no record, although patients are linked that came from it.
runtime::Task<void> guard_against_empty_source(Context& context, const SourcePass& pass);

} // namespace medibridge::sync
