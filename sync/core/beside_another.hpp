#pragma once

#include "connectors/medicapp/values.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <vector>

/// Decides for a patient who would be new, beside a Medicapp patient who may be them.
namespace medibridge::sync {

/// Decides for a record in use whose patient was merged into `survivor` and is not in Medicapp:
/// either they are two people after all, or one person under a number that was given up. By the
/// rule for updates: where that is doubtful, an operator decides. If Medicapp shows the survivor
/// under the item's externalId, they are the one or the other's: `take_back`, or a hold. Where no
/// merge is known, `survivor` was shown under it: whoever is not any more is nobody to wait for.
Decision decide_after_merge(const Rules& rules, const Item& item,
                            const connectors::MedicappPatient& survivor);

/// Holds a record under the externalId that a linked patient is to get.
Decision hold_for_former(const Former& former);
/// Decides for a record that would be created under such an externalId. `patient`: who is to get
/// it, as Medicapp shows them; null: they are gone. After a merge it may be somebody else.
Decision decide_beside_former(const Rules& rules, const Item& item,
                              const connectors::MedicappPatient* patient);

/// Decides for a record that resembles Medicapp patients without externalId, which were read.
Decision decide_look_alike(const Rules& rules, const Item& item,
                           const std::vector<connectors::MedicappPatient>& candidates);

} // namespace medibridge::sync
