#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What happens to a patient: what the state keeps, and what is logged, counted and told.
namespace medibridge::sync {

/// State key: the next cycle must read all sources completely. A hold during which another one was
/// not heard, or not taken, has ended, and this cycle may end before it asks them again.
inline constexpr const char* reread_key = "sources:reread";

/// Puts on hold.
Effects hold(state::Held held);
/// The same hold once more: neither counted nor reported.
Effects hold_again(const state::Held& before, state::Held held);

/// Puts the item on hold as `decision` says. An item that is held for the same reason already is
/// not counted or reported again.
Effects hold_item(const Rules& rules, const Item& item, const Decision& decision);

/// The same for an item that Medicapp refused.
Effects hold_rejected(const Rules& rules, const Item& item, const connectors::ApiError& error);

/// Ends a hold.
Effects release(const state::Held& held);

/// The detail of a hold of a patient whose create was answered with another patient than was sent:
/// Medicapp may have them, under another externalId.
inline constexpr const char* created_as_another =
    "Medicapp answered the create with another patient";

/// The detail of a hold of a patient who goes on under another externalId: the HIS may have given
/// the former one to somebody else already.
inline constexpr const char* another_may_have_come =
    "another person may have come under this externalId meanwhile";

/// What becomes of that which arrived under an erased patient's number.
enum class Arrived {
    goes,
    taken_goes, ///< what no cycle has taken yet is decided first: it may be about somebody else
    stays,      ///< it may be about somebody else, until the HIS says more
};
/// The patient is not in Medicapp any more: the link goes, and a tombstone stays.
state::Batch erasure(const std::string& external_id, const std::string& medicapp_id,
                     Arrived arrived = Arrived::goes);
/// Of a patient who is held as `held`, but of whom no record is at hand.
Arrived arrived_about(const std::optional<state::Held>& held);

/// Both sides agree now. `medicapp` is what Medicapp shows.
Effects agree_on(const Rules& rules, const Item& item, const std::string& medicapp_id,
                 const reconcile::SideView& medicapp);

/// Medicapp was restored, and that is accepted: nobody is older than it shows them, held or not.
/// The fields stay as they were agreed, so that what went back is still seen to differ.
Effects take_restored_time(state::Link link, const reconcile::SideView& seen);

/// Something was done in Medicapp: audited, reported and counted.
Effects act(const Item& item, Action action, const std::string& medicapp_id,
            const reconcile::FieldSet& fields);

/// Events for fields that both sides changed, that were changed in Medicapp, or that were dropped.
Effects report_fields(const Item& item);
inline constexpr const char* medicapps_value_kept = "Medicapp's value kept";
Effects report_drift(const state::Link& link, const reconcile::FieldSet& fields,
                     const std::string& outcome);
Effects report_dropped(const Item& item, const std::string& fields, const std::string& reason);
/// The same where Medicapp would not have it: in the audit, too, as no look at the record shows it.
Effects record_dropped(const Item& item, const std::string& fields, const std::string& reason);

} // namespace medibridge::sync
