#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <vector>

/// Decides what to do with a record, without any I/O.
namespace medibridge::sync {

/// What a decision depends on besides the item and the rules.
struct Grounds {
    /// Decide about held items again, although their record is the same.
    bool retry_held = false;
    /// Accept a record that is older than the one taken before: the operator says so, or both come
    /// from one source, which knows its own order.
    bool accept_older = false;
    /// The patient is held because of another source's record, which this source cannot take back.
    bool held_by_other = false;
    /// The linked Medicapp patient, read just now; null: not read.
    const connectors::MedicappPatient* look = nullptr;
};

/// Whether an operator said of this very record, of the patient of whom this is known, that it is
/// not that Medicapp patient.
bool is_told_apart(const Rules& rules, const reconcile::Assessed& record, const state::Known& known,
                   const std::string& medicapp_id);

/// Whether the record is older than the one that was taken of its linked patient, as far as both
/// times are believed.
bool is_older_than_taken(const Rules& rules, const Item& item);

/// Decides for one record. `look_alikes`: unlinked Medicapp patients without externalId that may be
/// the same person.
Decision decide(const Rules& rules, const Item& item, const Grounds& grounds,
                const std::vector<std::string>& look_alikes = {});

/// Decides for a record whose externalId a Medicapp patient already has: adopt that patient, or
/// hold if they are somebody else. `intent`: of a create that was never answered.
/// `confirmed`: an operator says that they are the same person.
Decision decide_adoption(const Rules& rules, const Item& item,
                         const std::optional<state::Intent>& intent,
                         const connectors::MedicappPatient& holder, bool confirmed = false);

/// The baselines after a write that was never answered. Where Medicapp has the value that was sent,
/// that value is ours, whatever its time, and counts as agreed.
reconcile::Baselines with_unanswered_write(reconcile::Baselines baselines,
                                           const std::optional<state::Intent>& intent,
                                           const reconcile::SideView& medicapp);

} // namespace medibridge::sync
