#pragma once

#include "state/batch.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <string>

/// What of a source's record another source's word stands against: that part is left out.
namespace medibridge::sync {

/// Two sources may say at one moment, or on one day, what differs, or say no times. Then whoever
/// gave what was taken keeps their word, or each would write over the other in every cycle. A
/// record that names no moment counts once, and again when it has changed: see state::Taken.
void yield_to_giver(const Rules& rules, Item& item);

/// The item's source was not heard during a hold that another source's record has ended: it states
/// these fields. What is older than that record counts only in what it does not state.
void yield_to_newer(const Rules& rules, Item& item, const reconcile::FieldSet& stated);

/// That the item's record was taken, if it is to count once: of a patient whom other sources give,
/// too. The first giver's as well: it is no news either where another source has said more since.
state::Batch remember_taken(const Rules& rules, const Item& item, const std::string& medicapp_id);

/// The same of a record that was not taken, as it is nothing new, or older: if it names no moment,
/// nothing else tells later that it was known.
state::Batch remember_shown(const Rules& rules, const Item& item);

} // namespace medibridge::sync
