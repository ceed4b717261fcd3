#include "sync/core/order.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/returned.hpp"
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
constexpr std::string_view is_there_again = "they are in Medicapp again: look at them again";
constexpr std::string_view medicapp_changed =
    "the patient has changed in Medicapp since: look at them again";

/// `refusal`: why it is not carried out; empty: it is, and `outcome` says what came of it, if that
/// is not what it says itself.
Effects conclude(const state::OperatorDecision& decision, std::string_view refusal,
                 const std::string& outcome = {}) {
    Effects effects;
    effects.changes.drop_decision(decision.external_id);
    const bool applied = refusal.empty();
    const std::string kind(state::name(decision.kind));
    auto event = log::Event(applied ? log::events::decision_applied : log::events::decision_refused)
                     .with(Key::patient, decision.external_id)
                     .with(Key::decision, kind)
                     .with(Key::actor, decision.actor.name);
    const std::string reason = applied ? outcome : std::string(refusal);
    if (!reason.empty()) event.add(Key::reason, reason);
    effects.events.push_back(std::move(event));
    state::AuditEntry line;
    line.external_id = decision.external_id;
    line.medicapp_id = decision.medicapp_id;
    line.action = applied ? "decision_applied" : "decision_refused";
    line.detail = reason.empty() ? kind : kind + ": " + reason;
    line.actor = decision.actor;
    effects.changes.audit(std::move(line));
    effects.concluded.push_back({decision.external_id, kind, applied, reason});
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
        kinds = {returned_as(known).empty() ? DecisionKind::create : DecisionKind::link};
        break;
    case HoldReason::identity_mismatch:
        kinds = {known.link ? DecisionKind::create : DecisionKind::link};
        if (known.held->detail == created_as_another) kinds.push_back(DecisionKind::create);
        break;
    case HoldReason::conflict_unresolved:
    case HoldReason::altered_in_state:
        if (!known.link) kinds = {DecisionKind::link};
        break;
    default:
        break;
    }
    kinds.push_back(DecisionKind::retry);
    kinds.push_back(DecisionKind::ignore);
    return kinds;
}

bool is_compared_again(const state::Held& held) {
    return held.reason != HoldReason::rejected;
}

bool waits_for_record(const state::OperatorDecision& decision) {
    return decision.kind == DecisionKind::create && decision.record == reconcile::Digest();
}

bool is_same_decision(const state::OperatorDecision* a, const state::OperatorDecision* b) {
    if (!a || !b) return a == b;
    return a->kind == b->kind && a->medicapp_id == b->medicapp_id && a->record == b->record &&
           a->medicapp == b->medicapp && a->reason == b->reason && a->actor == b->actor &&
           a->at_ms == b->at_ms;
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
        if (waits_for_record(decisions[i])) continue;
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
                                !rules.source_names.contains(held->source) ||
                                waits_for_record(*decision); // of whichever source sends it
    if (!of_this_source) return;
    item.ordered = true;
    const bool of_this_record = decision->kind == DecisionKind::retry ||
                                waits_for_record(*decision) ||
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

Effects review_ignore(const Rules& rules, Item& item) {
    Effects effects;
    auto& held = item.known.held;
    const auto kind = item.decision.kind;
    if (!held || !held->acknowledged || kind == Decision::Kind::untouched) return effects;
    const bool own = held->source == item.source;
    if (own && kind == Decision::Kind::hold) return effects; // told by that hold
    const auto now = record_digest(item.record, rules.digester);
    const auto then = held->others.find(item.source);
    const bool same = own                          ? held->record == now
                      : then != held->others.end() ? then->second == now
                                                   : false;
    if (same) return effects;
    if (item.remapped) {
        (own ? held->record : held->others[item.source]) = now;
    } else {
        held->acknowledged = false;
        held->others.clear();
    }
    effects.changes.hold(*held);
    return effects;
}

void refuse_order(Item& item, std::string_view why) {
    item.refusal = why;
}

Effects conclude_order(const Item& item, std::optional<HoldReason> still_held) {
    if (!item.ordered) return {};
    const auto& decision = *item.known.decision;
    if (!still_held || !item.refusal.empty()) return conclude(decision, item.refusal);
    const bool returned = says_returned(item.decision);
    if (decision.kind != DecisionKind::retry)
        return conclude(decision,
                        returned ? is_there_again : "the patient cannot be written as they are");
    return conclude(decision, {},
                    "looked at again: still held, " + std::string(reconcile::name(*still_held)));
}

Effects refuse_decision(const state::OperatorDecision& decision, std::string_view why) {
    return conclude(decision, why);
}

} // namespace medibridge::sync
