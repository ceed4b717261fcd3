#include "sync/core/unnamed.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/views.hpp"

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::Field;
using reconcile::FieldSet;
using reconcile::IdentityTraits;

bool names_nobody(const Assessed& record, const FieldSet& replaced) {
    const auto& placeholders = record.placeholders;
    const bool last = placeholders.has(Field::last_name);
    const bool first = placeholders.has(Field::first_name);
    return (last && first) || (last && replaced.has(Field::first_name)) ||
           (first && replaced.has(Field::last_name));
}

FieldSet unnamed(const Assessed& record, const IdentityTraits& theirs) {
    FieldSet known;
    if (!theirs.last_names.empty()) known.add(Field::last_name);
    if (!theirs.first_name.empty()) known.add(Field::first_name);
    return record.placeholders & known;
}

FieldSet unnamed(const Rules& rules, const Assessed& record,
                 const connectors::MedicappPatient& patient) {
    return unnamed(record, IdentityTraits(patient.patient, {}, rules.settings.identity));
}

void leave_out_names(const Rules& rules, Item& item, const FieldSet& names) {
    for (const auto field : reconcile::all_fields()) {
        if (names.has(field)) item.record.patient[field] = reconcile::FieldValue();
    }
    item.his = his_view(item.record, rules.digester);
}

} // namespace medibridge::sync
