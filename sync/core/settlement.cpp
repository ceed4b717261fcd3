#include "sync/core/settlement.hpp"

#include "sync/core/decision_table.hpp"
#include "sync/core/delivery.hpp"
#include "sync/core/order.hpp"
#include "sync/core/plan.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/returned.hpp"
#include "sync/core/views.hpp"
#include "sync/core/yielding.hpp"

#include <optional>
#include <utility>

namespace medibridge::sync {

using Kind = Decision::Kind;

namespace {

/// What must be remembered of a linked patient before the write is sent. The item's intent replaces
/// an earlier one that was never answered: what that earlier write is seen to have done is agreed
/// from now on, so that after a crash it is not taken for somebody else's edit. And if the process
/// ends now, the identity that is being written must not count as confirmed.
void keep_before_write(const Item& item, state::Batch& batch) {
    if (!item.known.link) return;
    auto link = *item.known.link;
    const bool unanswered = item.known.intent && item.seen;
    const bool drifts = item.decision.drift && *item.decision.drift != link.drift;
    if (!unanswered && !drifts) return;
    if (unanswered)
        link.baselines =
            with_unanswered_write(std::move(link.baselines), item.known.intent, *item.seen);
    if (drifts) link.drift = *item.decision.drift;
    batch.put_link(std::move(link));
}

/// The patient has a record in use again: the merge that was remembered is undone.
void lift_redirect(const Item& item, state::Batch& batch) {
    if (item.known.redirect.empty() || !item.record.merged_into.empty()) return;
    const auto kind = item.decision.kind;
    if (kind == Kind::hold || kind == Kind::untouched || kind == Kind::still_held) return;
    batch.drop_redirect(item.external_id());
}

/// There is a tombstone and nothing else: it may be all that has survived a power cut.
bool is_known_erased(const state::Known& known) {
    return known.tombstone && !known.link && !known.unlinked;
}

/// Of the erased, what arrives is not kept: a source that is asked shows it again.
state::Batch forget_erased(const Item& item) {
    const auto& known = item.known;
    const bool returned = says_returned(item.decision);
    if (!returned && !is_known_erased(known))
        return erasure(item.external_id(), item.decision.medicapp_id);
    state::Batch batch;
    batch.forget(item.external_id());
    // Or nobody would know at the next look that they are there again.
    if (returned && known.unlinked) batch.put_unlinked(*known.unlinked);
    return batch;
}

Effects settle_hold(const Rules& rules, const Item& item) {
    const auto& decision = item.decision;
    Effects effects;
    if (decision.hold_reason == reconcile::HoldReason::erased_in_medicapp)
        effects.changes = forget_erased(item);
    if (decision.hold_reason == reconcile::HoldReason::altered_in_state)
        effects.changes.set_aside(item.external_id());
    effects.append(hold_item(rules, item, decision));
    if (effects.counts.held == 0) effects.counts.unchanged = 1;
    return effects;
}

/// Links the Medicapp patient, whose fields are already what the HIS says.
Effects settle_adoption(const Rules& rules, const Item& item) {
    const auto view =
        medicapp_view(*item.detail, item.external_id(), rules.digester, rules.settings.identity);
    auto effects = act(item, Action::linked, item.detail->id, reconcile::FieldSet());
    effects.append(agree_on(rules, item, item.detail->id, view));
    return effects;
}

Effects settle_refresh(const Rules& rules, const Item& item) {
    const auto& link = *item.known.link;
    const auto& before = link.baselines.medicapp;
    auto effects = report_fields(item);
    effects.append(agree_on(rules, item, link.medicapp_id,
                            item.seen ? completed(*item.seen, before) : before));
    effects.counts.unchanged = 1;
    return effects;
}

/// Whether the record says nothing, as another source's newer one was taken: that one is still to
/// be read.
bool leaves_word_to_giver(const Rules& rules, const Item& item) {
    const auto& link = item.known.link;
    return item.decision.kind == Kind::untouched && link && link->source != item.source &&
           rules.source_names.contains(link->source) && is_older_than_taken(rules, item);
}

std::optional<reconcile::HoldReason> hold_of(const Item& item) {
    if (!item.known.held) return std::nullopt;
    return item.known.held->reason;
}

Effects settle_nothing(const Rules& rules, const Item& item) {
    Effects effects;
    // Who is not in Medicapp and need not be is held for nothing any more, as far as the source
    // goes whose record was held.
    const auto& held = item.known.held;
    const bool is_others =
        held && held->source != item.source && rules.source_names.contains(held->source);
    if (held && item.may_release && !is_others && !item.known.link) effects = release(*held);
    effects.changes.append(remember_shown(rules, item));
    effects.append(conclude_order(item, item.may_release ? std::nullopt : hold_of(item)));
    effects.counts.unchanged = 1;
    return effects;
}

/// What must be durable before the item's write leaves: its intent, and what it rests on.
state::Batch prepare_write(const Item& item) {
    state::Batch batch;
    lift_redirect(item, batch);
    // It was read and is not there any more.
    if (item.decision.kind == Kind::create && item.known.unlinked)
        batch.drop_unlinked(item.known.unlinked->medicapp_id);
    keep_before_write(item, batch);
    batch.put_intent(intent_of(item));
    return batch;
}

} // namespace

Settled settle_chunk(const Rules& rules, Observations& observations, std::vector<Item> items,
                     bool again) {
    Settled chunk;
    auto& effects = chunk.effects;
    if (!again) effects.examined = static_cast<std::int64_t>(items.size());
    for (auto& item : items) {
        // An untouched record does not settle a change in Medicapp. One that is left does: both are
        // to be seen again, and judged together, or what the record changed would pass for the only
        // change.
        if (item.decision.kind != Kind::untouched || item.decision.is_left)
            observations.settle_change(item.external_id());
        if (!item.shown_in_part && !leaves_word_to_giver(rules, item))
            observations.settle_wanted(item.source, item.name_in_source());
        claim_patient(observations, item);
        effects.append(review_ignore(rules, item));
        const bool stays_held =
            item.decision.kind == Kind::hold || item.decision.kind == Kind::still_held;
        if (rules.request.accept_rewind.given() && stays_held && item.known.link && item.seen)
            effects.append(take_restored_time(*item.known.link, *item.seen));
        if (!calls_for_write(item)) {
            effects.append(settle_without_write(rules, item));
            continue;
        }
        if (rules.request.dry_run) effects.planned.push_back(planned_write(rules, item));
        const auto left = left_out_of_plan(rules, item);
        if (!left.empty()) {
            effects.append(leave_out(item, left));
            continue;
        }
        effects.changes.append(prepare_write(item));
        chunk.deliveries.emplace_back(rules, std::move(item));
    }
    if (again) effects.counts.unchanged = 0;
    return chunk;
}

void claim_patient(Observations& observations, Item& item) {
    if (item.decision.kind != Kind::adopt || !item.decision.write_external_id) return;
    if (observations.claim(item.decision.medicapp_id)) return;
    if (is_ordered(item, DecisionKind::link))
        refuse_order(item, "another patient was linked to that Medicapp patient in the same cycle");
    item.decision = Decision::hold_for(reconcile::HoldReason::possible_duplicate, {},
                                       "several HIS patients match", item.decision.medicapp_id);
}

Effects settle_without_write(const Rules& rules, const Item& item) {
    Effects effects;
    lift_redirect(item, effects.changes);
    switch (item.decision.kind) {
    case Kind::hold:
        effects.append(settle_hold(rules, item));
        break;
    case Kind::adopt:
        effects.append(settle_adoption(rules, item));
        break;
    case Kind::refresh:
        effects.append(settle_refresh(rules, item));
        break;
    case Kind::nothing:
        effects.append(settle_nothing(rules, item));
        break;
    case Kind::still_held:
        effects.append(conclude_order(item, hold_of(item)));
        effects.counts.unchanged = 1;
        break;
    case Kind::untouched:
        if (!item.decision.is_left) effects.changes.append(remember_shown(rules, item));
        effects.counts.unchanged = 1;
        break;
    default:
        effects.counts.unchanged = 1;
    }
    return effects;
}

} // namespace medibridge::sync
