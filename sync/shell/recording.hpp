#pragma once

#include "sync/core/item.hpp"
#include "sync/shell/context.hpp"

#include <string>

/// What becomes of a patient, written into a batch, counted, logged and shown to the observer.
namespace medibridge::sync {

/// The state's key that says that the next cycle is to read all sources completely: a hold that had
/// stopped them all ended, and the cycle may not have come to ask them again.
inline constexpr const char* reread_key = "sources:reread";
/// The state's key of our newest write: the Medicapp patient, and when Medicapp took it.
inline constexpr const char* newest_write_key = "medicapp:newest_write";

/// Puts on hold; counts and reports it.
void record_hold(Context& context, state::Held held, state::Batch& batch);

/// Puts the item on hold as its decision says. False if it is held for the same reason already:
/// then it is not counted or reported again.
bool record_item_hold(Context& context, const Item& item, state::Batch& batch);

/// The same for an item that Medicapp refused.
void record_rejection(Context& context, const Item& item, const connectors::ApiError& error,
                      state::Batch& batch);

/// Ends a hold; reports it.
void record_release(const Context& context, const state::Held& held, state::Batch& batch);

/// The hold that an item's decision calls for.
state::Held held_item(const Context& context, const Item& item);

/// The item as a patient whose requests alone are refused.
RefusedPatient refused_patient(const Context& context, const Item& item,
                               const connectors::ApiError& error, const std::string& medicapp_id);

/// Counts the cycle against a patient whose requests alone were refused; holds them once it is the
/// limits::refused_cycles-th in a row, if others were served meanwhile. Else the patient is
/// deferred.
void settle_one_refused(Context& context, const RefusedPatient& patient, const state::Known& known,
                        bool others_served, state::Batch& batch);

/// The externalId goes on as `survivor`. Of two merges into each other the later one holds.
void record_redirect(const std::string& external_id, const std::string& survivor,
                     state::Batch& batch);

/// The patient is not in Medicapp any more: the link goes, and a tombstone stays.
void record_erasure(const std::string& external_id, const std::string& medicapp_id,
                    state::Batch& batch);

/// Both sides agree now: `medicapp` is how Medicapp looks.
void record_agreement(Context& context, const Item& item, const std::string& medicapp_id,
                      const reconcile::SideView& medicapp, state::Batch& batch);

/// The record's time is not believed: an event, once for each patient and time.
void report_unbelieved_time(const Context& context, const Item& item);

/// An audit line, an event and a count for something that was done in Medicapp.
void record_action(Context& context, const Item& item, Action action,
                   const connectors::MedicappPatient& patient, const reconcile::FieldSet& fields,
                   state::Batch& batch);

/// Events for fields that both sides changed, that were changed in Medicapp, or that were dropped.
void report_fields(const Context& context, const Item& item);
void report_drift(const Context& context, const state::Link& link,
                  const reconcile::FieldSet& fields, const std::string& outcome);
void report_dropped(const Context& context, const Item& item, const std::string& fields,
                    const std::string& reason);

} // namespace medibridge::sync
