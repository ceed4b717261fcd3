#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

/// What keeps the rules from writing for a patient about whom a person has the word.
namespace medibridge::sync {

/// Who stands in Medicapp under a former externalId is not created a second time, but by an
/// operator's word.
void keep_awaiting(const Rules& rules, Item& item);

/// Who may be in Medicapp under another externalId, as their create was answered so, is not created
/// a second time, but by an operator's word.
void keep_misnamed(Item& item);
/// An operator left the patient as they are: nothing is written as long as the record is the same,
/// also where a full compare finds that nothing stands in the way any more.
void keep_ignored(const Rules& rules, Item& item);

/// The operator decided about something else than what is there now. They look again: until then
/// nothing is written, whatever the rules by themselves would do.
void respect_refusal(Item& item);

} // namespace medibridge::sync
