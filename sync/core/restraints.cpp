#include "sync/core/restraints.hpp"

#include "sync/core/decision_table.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/views.hpp"

namespace medibridge::sync {

using reconcile::HoldReason;
using Kind = Decision::Kind;

void keep_awaiting(const Rules& rules, Item& item) {
    const auto& held = item.known.held;
    const auto& decision = item.decision;
    // Whom else they resemble is asked once they may be created.
    const bool resembles = decision.kind == Kind::hold && decision.field.empty() &&
                           decision.hold_reason == HoldReason::possible_duplicate;
    const bool creates = (decision.kind == Kind::create || resembles) && !item.known.link;
    if (!creates || !held || !awaits_renaming(*held)) return;
    // Nobody is on the way to this externalId any more: they are compared (relatives.hpp).
    if (held->reason == HoldReason::possible_duplicate && !item.former && !resembles) return;
    if (is_ordered(item, DecisionKind::create) ||
        is_told_apart(rules, item.record, item.known, held->medicapp_id))
        return;
    item.decision = Decision(Kind::still_held);
}

void keep_misnamed(Item& item) {
    const auto& held = item.known.held;
    if (item.decision.kind != Kind::create || !held || held->detail != created_as_another ||
        is_ordered(item, DecisionKind::create))
        return;
    item.decision = Decision::hold_for(held->reason, held->field, held->detail, held->medicapp_id);
}

void keep_ignored(const Rules& rules, Item& item) {
    const auto& held = item.known.held;
    const auto kind = item.decision.kind;
    const bool writes = kind == Kind::create || kind == Kind::update || kind == Kind::adopt;
    if (!writes || !held || !held->acknowledged || item.ordered || held->source != item.source ||
        held->record != record_digest(item.record, rules.digester))
        return;
    item.decision = Decision(Kind::still_held);
}

void respect_refusal(Item& item) {
    const auto kind = item.decision.kind;
    const bool writes = kind == Kind::create || kind == Kind::update || kind == Kind::adopt;
    if (item.refusal.empty() || !item.known.held || !writes) return;
    const auto& held = *item.known.held;
    item.decision = Decision::hold_for(held.reason, held.field, held.detail, held.medicapp_id);
}

} // namespace medibridge::sync
