#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

/// What of a source's record another source's word stands against: that part is left out.
namespace medibridge::sync {

/// Two sources may say at one moment what differs, or say no times. Then whoever gave what was
/// taken keeps their word, or each would write over the other in every cycle. An undated record
/// counts once, and again when it has changed: see state::Taken.
void yield_to_giver(const Rules& rules, Item& item);

/// The item's source was not heard during a hold that another source's record has ended: it states
/// these fields. What is older than that record counts only in what it does not state.
void yield_to_newer(const Rules& rules, Item& item, const reconcile::FieldSet& stated);

} // namespace medibridge::sync
