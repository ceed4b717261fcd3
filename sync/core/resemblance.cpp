#include "sync/core/resemblance.hpp"

#include "reconcile/identity.hpp"
#include "reconcile/identity_drift.hpp"
#include "sync/core/views.hpp"

namespace medibridge::sync {

namespace {

bool is_blank(const reconcile::FieldDigest& digest) {
    return is_unknown(digest) || digest == reconcile::cleared_digest;
}

} // namespace

reconcile::FieldSet differing_fields(const Rules& rules, const reconcile::Assessed& record,
                                     const connectors::MedicappPatient& patient) {
    const auto ours = his_view(record, rules.digester);
    const auto theirs = medicapp_view(patient, record.patient.external_id(), rules.digester,
                                      rules.settings.identity);
    reconcile::FieldSet fields;
    for (const auto field : reconcile::all_fields()) {
        const auto& a = of(ours.fields, field);
        const auto& b = of(theirs.fields, field);
        if (a != b && !(is_blank(a) && is_blank(b))) fields.add(field);
    }
    return fields;
}

Resemblance resemblance(const Rules& rules, const reconcile::Assessed& record,
                        const connectors::MedicappPatient& patient) {
    const auto& policy = rules.settings.identity;
    const reconcile::IdentityTraits ours(record.patient, record.other_last_name, policy);
    const reconcile::IdentityTraits theirs(patient.patient, {}, policy);
    Resemblance found;
    for (const auto trait : reconcile::all_fields()) {
        if (!reconcile::strict_traits().has(trait)) continue;
        const bool same = likeness(trait, ours, theirs) != reconcile::Likeness::different;
        (same ? found.agrees : found.differs).add(trait);
    }
    return found;
}

bool is_another(const Rules& rules, const reconcile::Assessed& record,
                const connectors::MedicappPatient& patient) {
    return resemblance(rules, record, patient).differs.size() >= reconcile::traits_of_another;
}

} // namespace medibridge::sync
