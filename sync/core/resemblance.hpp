#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/assess.hpp"
#include "sync/core/settings.hpp"

/// How a record and a Medicapp patient compare by themselves, whatever was agreed before.
namespace medibridge::sync {

/// Fields in which the record and the Medicapp patient differ, those that only one of them has
/// among them.
reconcile::FieldSet differing_fields(const Rules& rules, const reconcile::Assessed& record,
                                     const connectors::MedicappPatient& patient);

/// What speaks for and against their being one person, by the strict traits.
struct Resemblance {
    reconcile::FieldSet agrees;
    reconcile::FieldSet differs;
};
Resemblance resemblance(const Rules& rules, const reconcile::Assessed& record,
                        const connectors::MedicappPatient& patient);

/// Whether they differ in so many strict traits that they are two people, until somebody says
/// otherwise.
bool is_another(const Rules& rules, const reconcile::Assessed& record,
                const connectors::MedicappPatient& patient);

} // namespace medibridge::sync
