#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is to be done with a record, without any I/O.
namespace medibridge::sync {

/// What a decision depends on besides the item and the rules.
struct Grounds {
    /// Held items are looked at again although their record is the same.
    bool retry_held = false;
    /// A record that is older than what was taken says how the HIS is now: the operator says so, or
    /// it comes from the source that was taken last, which knows its own order.
    bool accept_older = false;
    /// The patient is held for what another source says of them, which this one cannot unsay.
    bool held_by_other = false;
    /// The linked Medicapp patient, read just now; null: not read.
    const connectors::MedicappPatient* look = nullptr;
};

/// Decides for one record. `look_alikes`: unlinked Medicapp patients without externalId that may be
/// the same person.
Decision decide(const Rules& rules, const Item& item, const Grounds& grounds,
                const std::vector<std::string>& look_alikes = {});

/// Decides for a record whose Medicapp patient was read because the externalId is taken there:
/// adopt, or hold if it is somebody else. `intent` is of a create that nobody has answered.
/// `confirmed`: an operator says that they are the same person.
Decision decide_adoption(const Rules& rules, const Item& item,
                         const std::optional<state::Intent>& intent,
                         const connectors::MedicappPatient& holder, bool confirmed = false);

/// Decides for a record in use whose patient was merged into `survivor` and is not in Medicapp: two
/// people after all, or still the same one, under the number that was given up.
Decision decide_after_merge(const Rules& rules, const Item& item,
                            const connectors::MedicappPatient& survivor);

/// Decides for a record that resembles Medicapp patients without externalId, which were read.
Decision decide_look_alike(const Rules& rules, const Item& item,
                           const std::vector<connectors::MedicappPatient>& candidates);

/// The baselines after a write that nobody has answered: a value of Medicapp's that is the one that
/// was sent is ours, whatever its time says, and was agreed with what the HIS said then.
reconcile::Baselines with_unanswered_write(reconcile::Baselines baselines,
                                           const std::optional<state::Intent>& intent,
                                           const reconcile::SideView& medicapp);

} // namespace medibridge::sync
