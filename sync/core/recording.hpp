#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <map>
#include <string>
#include <vector>

/// What becomes of a patient: what the state keeps, and what is logged, counted and told of it.
namespace medibridge::sync {

/// The state's key that says that the next cycle is to read all sources completely: a hold that had
/// stopped them all ended, and the cycle may not have come to ask them again.
inline constexpr const char* reread_key = "sources:reread";

/// Puts on hold.
Effects hold(state::Held held);

/// Puts the item on hold as `decision` says. An item that is held for the same reason already is
/// not counted or reported again.
Effects hold_item(const Rules& rules, const Item& item, const Decision& decision);

/// The same for an item that Medicapp refused.
Effects hold_rejected(const Rules& rules, const Item& item, const connectors::ApiError& error);

/// Ends a hold.
Effects release(const state::Held& held);

/// The item as a patient whose requests alone are refused.
RefusedPatient refused_patient(const Rules& rules, const Item& item,
                               const connectors::ApiError& error, const std::string& medicapp_id);

/// The cycle's end for patients whose requests alone were refused, by externalId: the cycle counts
/// against each; one is held once it is the limits::refused_cycles-th in a row, if others were
/// served meanwhile, and deferred else. `known`: of them, in their order.
Effects count_refusals(const Rules& rules, const std::map<std::string, RefusedPatient>& patients,
                       const std::vector<state::Known>& known, bool others_served);

/// The externalId goes on as `survivor`. Of two merges into each other the later one holds.
state::Batch redirect(const std::string& external_id, const std::string& survivor);

/// The patient is not in Medicapp any more: the link goes, and a tombstone stays.
state::Batch erasure(const std::string& external_id, const std::string& medicapp_id);

/// Both sides agree now: `medicapp` is how Medicapp looks.
Effects agree_on(const Rules& rules, const Item& item, const std::string& medicapp_id,
                 const reconcile::SideView& medicapp);

/// Something was done in Medicapp: audited, reported and counted.
Effects act(const Item& item, Action action, const std::string& medicapp_id,
            const reconcile::FieldSet& fields);

/// Events for fields that both sides changed, that were changed in Medicapp, or that were dropped.
Effects report_fields(const Item& item);
Effects report_drift(const state::Link& link, const reconcile::FieldSet& fields,
                     const std::string& outcome);
Effects report_dropped(const Item& item, const std::string& fields, const std::string& reason);

} // namespace medibridge::sync
