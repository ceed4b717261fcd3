#include "sync/core/order.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using log::Key;
using reconcile::HoldReason;

namespace {

constexpr std::string_view record_changed =
    "the source's record has changed since: look at it again";
constexpr std::string_view carried_by_another =
    "another Medicapp patient carries the externalId: look at it again";
constexpr std::string_view medicapp_changed =
    "the patient has changed in Medicapp since: look at them again";

Effects conclude(const state::OperatorDecision& decision, std::string_view refusal) {
    Effects effects;
    effects.changes.drop_decision(decision.external_id);
    const bool applied = refusal.empty();
    const std::string kind(state::name(decision.kind));
    auto event = log::Event(applied ? log::events::decision_applied : log::events::decision_refused)
                     .with(Key::patient, decision.external_id)
                     .with(Key::decision, kind)
                     .with(Key::actor, decision.actor.name);
    if (!applied) event.add(Key::reason, std::string(refusal));
    effects.events.push_back(std::move(event));
    state::AuditEntry line;
    line.external_id = decision.external_id;
    line.medicapp_id = decision.medicapp_id;
    line.action = applied ? "decision_applied" : "decision_refused";
    line.detail = applied ? kind : kind + ": " + std::string(refusal);
    line.actor = decision.actor;
    effects.changes.audit(std::move(line));
    effects.concluded.push_back({decision.external_id, kind, applied, std::string(refusal)});
    return effects;
}

} // namespace

std::vector<DecisionKind> decisions_on(const state::Known& known) {
    std::vector<DecisionKind> kinds;
    if (!known.held) return kinds;
    switch (known.held->reason) {
    case HoldReason::possible_duplicate:
        kinds = {DecisionKind::link, DecisionKind::create};
        break;
    case HoldReason::divergence:
        kinds = {known.link ? DecisionKind::update : DecisionKind::link};
        break;
    case HoldReason::erased_in_medicapp:
        kinds = {DecisionKind::create};
        break;
    case HoldReason::identity_mismatch:
    case HoldReason::conflict_unresolved:
    case HoldReason::altered_in_state:
        if (!known.link) kinds = {DecisionKind::link};
        break;
    default:
        break;
    }
    // Nobody can ask a source for a record without an identifier.
    if (!is_nameless(known.held->key)) kinds.push_back(DecisionKind::retry);
    kinds.push_back(DecisionKind::ignore);
    return kinds;
}

reconcile::Digest seen_digest(const reconcile::SideView& medicapp,
                              const reconcile::Digester& digester) {
    std::string all;
    for (const auto field : reconcile::all_fields())
        all += reconcile::hex(of(medicapp.fields, field));
    return digester.text("medicapp as seen", all);
}

void want_decided(const Rules& rules, Observations& observations,
                  std::vector<state::OperatorDecision> decisions,
                  const std::vector<state::Known>& known) {
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const auto& held = known[i].held;
        const auto& id = decisions[i].external_id;
        if (held && rules.source_names.contains(held->source))
            observations.want_of(held->source, id);
        else
            observations.want(id);
    }
    observations.note_decisions(std::move(decisions));
}

Effects refuse_unseen(const Observations& observations) {
    Effects effects;
    for (const auto& decision : observations.decisions()) {
        if (observations.is_wanted(decision.external_id))
            effects.append(refuse_decision(decision, "no source shows the patient's record"));
    }
    return effects;
}

void take_order(const Rules& rules, Item& item) {
    const auto& decision = item.known.decision;
    const auto& held = item.known.held;
    if (!decision) return;
    const bool of_this_source = !held || held->source.empty() || held->source == item.source ||
                                !rules.source_names.contains(held->source);
    if (!of_this_source) return;
    item.ordered = true;
    const bool of_this_record = decision->kind == DecisionKind::retry ||
                                record_digest(item.record, rules.digester) == decision->record;
    if (!of_this_record) refuse_order(item, record_changed);
    // Two Medicapp patients under one externalId would be told apart by nobody.
    const auto& carrier = item.known.unlinked;
    if (decision->kind == DecisionKind::link && carrier &&
        carrier->medicapp_id != decision->medicapp_id)
        refuse_order(item, carried_by_another);
}

bool is_ordered(const Item& item) {
    return item.ordered && item.refusal.empty();
}

bool is_ordered(const Item& item, DecisionKind kind) {
    return is_ordered(item) && item.known.decision->kind == kind;
}

bool is_ordered_about(const Rules& rules, Item& item, DecisionKind kind,
                      const reconcile::SideView& medicapp) {
    if (!is_ordered(item, kind)) return false;
    if (item.known.intent) return true;
    if (seen_digest(medicapp, rules.digester) == item.known.decision->medicapp) return true;
    refuse_order(item, medicapp_changed);
    return false;
}

void refuse_order(Item& item, std::string_view why) {
    item.refusal = why;
}

Effects conclude_order(const Item& item, bool held) {
    if (!item.ordered) return {};
    const auto& decision = *item.known.decision;
    const bool looked_again = decision.kind == DecisionKind::retry;
    const bool still_held = held && !looked_again && item.refusal.empty();
    return conclude(decision,
                    still_held ? "the patient cannot be written as they are" : item.refusal);
}

Effects refuse_decision(const state::OperatorDecision& decision, std::string_view why) {
    return conclude(decision, why);
}

} // namespace medibridge::sync
