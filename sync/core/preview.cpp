#include "sync/core/preview.hpp"

#include "sync/core/inspection.hpp"
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

} // namespace medibridge::sync
