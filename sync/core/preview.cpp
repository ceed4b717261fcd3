#include "sync/core/preview.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

namespace {

state::OperatorDecision decision_about(const Rules& rules, const reconcile::Assessed& record,
                                       const state::Known& known, DecisionKind kind,
                                       const connectors::MedicappPatient* about) {
    state::OperatorDecision decision;
    decision.external_id = known.held ? known.held->key : record.patient.external_id();
    decision.kind = kind;
    decision.record = record_digest(record, rules.digester);
    if (!about) return decision;
    decision.medicapp_id = about->id;
    const auto view = medicapp_view(*about, record.patient.external_id(), rules.digester,
                                    rules.settings.identity);
    decision.medicapp = seen_digest(view, rules.digester);
    return decision;
}

bool is_blank(const reconcile::FieldDigest& digest) {
    return is_unknown(digest) || digest == reconcile::cleared_digest;
}

} // namespace

Preview preview(const Rules& rules, const std::string& source, const reconcile::Assessed& record,
                const state::Known& known, DecisionKind kind,
                const connectors::MedicappPatient* about) {
    auto item = item_of(rules, source, record, known);
    item.known.decision = std::make_shared<state::OperatorDecision>(
        decision_about(rules, item.record, known, kind, about));
    item.refusal = {};
    take_order(rules, item);
    judge_item(rules, item, Occasion{.wanted = true}, std::vector<std::string>());
    if (!ids_to_read(item).empty()) {
        std::vector<connectors::MedicappPatient> details;
        if (about) details.push_back(*about);
        judge_with_details(rules, item, std::move(details));
    }
    Preview shown;
    shown.decision = kind;
    if (kind == DecisionKind::link && about) shown.medicapp_id = about->id;
    shown.refused = item.refusal;
    // Without that link the record is one of a new patient.
    const bool is_new = item.decision.kind == Decision::Kind::let_go;
    shown.outcome = is_new ? Decision(Decision::Kind::create) : std::move(item.decision);
    return shown;
}

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
