#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/field_table.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <optional>

/// What Medicapp's answer to a write, or a look at the patient after it, shows of what was sent.
/// `left_out`: fields of the decision that were not sent.
namespace medibridge::sync {

/// Whether the answer carries another externalId than that of the item.
bool carries_another(const Item& item, const connectors::MedicappPatient& answer);

/// How Medicapp looks after the write: as it answered; for fields without an answer, as before,
/// with what was sent. Nothing: the answer shows another patient.
std::optional<reconcile::SideView> after_write(const Rules& rules, const Item& item,
                                               const connectors::MedicappPatient& answer,
                                               const reconcile::FieldSet& left_out);

/// Fields for which Medicapp answered the former value, although another one was sent.
reconcile::FieldSet not_taken(const Rules& rules, const Item& item,
                              const reconcile::SideView& after,
                              const reconcile::FieldSet& left_out);

/// Fields that were to be cleared, but for which Medicapp answered a value.
reconcile::FieldSet still_there(const Item& item, const reconcile::SideView& after,
                                const reconcile::FieldSet& left_out);

/// Whether Medicapp has everything that the item's write sends but for what was left out of it.
bool has_what_was_sent(const Rules& rules, const Item& item,
                       const connectors::MedicappPatient& detail,
                       const reconcile::FieldSet& left_out);

} // namespace medibridge::sync
