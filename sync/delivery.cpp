#include "sync/delivery.hpp"

#include "sync/recording.hpp"
#include "sync/sending.hpp"
#include "sync/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPatient;
using reconcile::Field;
using reconcile::FieldSet;
using reconcile::HoldReason;
using reconcile::SideView;
using runtime::Task;
using Kind = Decision::Kind;

namespace {

/// How often an update whose outcome is unknown is looked up in Medicapp and sent again.
constexpr int update_rounds = 3;

void drop_intent(const Item& item, state::Batch& results) {
    state::Batch::DropIntent change;
    change.external_id = item.external_id();
    results.add(std::move(change));
}

void defer(Context& context) {
    context.report.deferred += 1;
}

/// How Medicapp looks before the item's write, as far as is known.
SideView before_write(const Context& context, const Item& item) {
    const auto& env = context.env;
    if (item.detail) {
        return medicapp_view(*item.detail, item.external_id(), env.digester, env.settings.identity);
    }
    if (!item.known.link) return {};
    const auto& baseline = item.known.link->baselines.medicapp;
    return item.seen ? completed(*item.seen, baseline) : baseline;
}

/// A field that was not sent and is not as it was: somebody changed it in Medicapp after we looked.
/// It must not pass for agreed: without a modification time the next poll compares the patient.
void keep_unseen_changes(const Item& item, const SideView& before, const FieldSet& left_out,
                         SideView& after) {
    const auto written = written_fields(item);
    const auto changed = differing(before.fields, after.fields);
    for (const auto field : reconcile::all_fields()) {
        const bool sent =
            (written.has(field) && !left_out.has(field)) || item.decision.plan.clear.has(field);
        if (sent || !changed.has(field)) continue;
        of(after.fields, field) = of(before.fields, field);
        after.modified_at.reset();
    }
}

/// How Medicapp looks after the write: as it answered; where it did not, as before with what was
/// sent.
SideView after_write(const Context& context, const Item& item, const MedicappPatient& answer,
                     const FieldSet& left_out) {
    auto expected = before_write(context, item);
    const auto sent = sent_fields(item);
    for (const auto field : reconcile::all_fields()) {
        if (sent.has(field) && !left_out.has(field)) {
            of(expected.fields, field) = of(item.his.fields, field);
        }
    }
    expected.modified_at = answer.modified_at;
    const bool has_body = answer.patient[Field::last_name].is_known();
    if (!has_body) return expected;
    const auto& env = context.env;
    auto answered = completed(medicapp_view(answer, item.record.patient, item.his.fields,
                                            env.digester, env.settings.identity),
                              expected);
    keep_unseen_changes(item, before_write(context, item), left_out, answered);
    return answered;
}

/// Fields that Medicapp answered with the value that they had before, although others were sent.
FieldSet not_taken(const Context& context, const Item& item, const SideView& after,
                   const FieldSet& left_out) {
    FieldSet fields;
    const auto before = before_write(context, item);
    for (const auto field : reconcile::all_fields()) {
        if (!item.decision.plan.write.has(field) || left_out.has(field)) continue;
        const auto& now = of(after.fields, field);
        if (now == of(before.fields, field) && now != of(item.his.fields, field)) fields.add(field);
    }
    return fields;
}

/// Fields that were to be emptied, and of which Medicapp answered a value all the same.
FieldSet still_there(const Item& item, const SideView& after, const FieldSet& left_out) {
    FieldSet fields;
    for (const auto field : reconcile::all_fields()) {
        const bool emptied = item.decision.plan.clear.has(field) && !left_out.has(field);
        if (emptied && of(after.fields, field) != of(item.his.fields, field)) fields.add(field);
    }
    return fields;
}

/// A write of which Medicapp took a part: that part is agreed, the rest waits as it was.
void keep_what_was_taken(const Item& item, const FieldSet& refused, const SideView& after,
                         state::Batch& results) {
    if (!item.known.link) return;
    state::Batch::PutLink change;
    change.link = *item.known.link;
    auto& his = change.link.baselines.his;
    const auto before = std::exchange(his, merged_baseline(his, item.his));
    for (const auto field : reconcile::all_fields()) {
        if (refused.has(field)) of(his.fields, field) = of(before.fields, field);
    }
    change.link.baselines.medicapp = after;
    results.add(std::move(change));
}

void record_success(Context& context, const Item& item, const MedicappPatient& answer,
                    const FieldSet& left_out, state::Batch& results) {
    const auto after = after_write(context, item, answer, left_out);
    drop_intent(item, results);
    if (!left_out.empty()) {
        report_dropped(context, item, names(left_out), "Medicapp refuses it");
    }
    const auto refused = not_taken(context, item, after, left_out);
    if (!refused.empty()) {
        Item held = item;
        held.decision = Decision::hold_for(HoldReason::rejected, names(refused),
                                           "Medicapp kept its own value", answer.id);
        record_item_hold(context, held, results);
        keep_what_was_taken(item, refused, after, results);
        return;
    }
    report_fields(context, item);
    const auto not_emptied = still_there(item, after, left_out);
    if (!not_emptied.empty()) {
        report_dropped(context, item, names(not_emptied), "Medicapp does not empty it");
    }
    if (item.decision.kind == Kind::create) {
        record_action(context, item, Action::created, answer, FieldSet(), results);
        if (item.known.tombstone) {
            state::Batch::DropTombstone change;
            change.external_id = item.external_id();
            results.add(std::move(change));
        }
    } else if (item.decision.plan.writes()) {
        record_action(context, item, Action::updated, answer, sent_fields(item), results);
    }
    if (item.decision.kind == Kind::adopt) {
        record_action(context, item, Action::linked, answer, FieldSet(), results);
    }
    record_agreement(context, item, answer.id, after, results);
}

/// Whether Medicapp has everything that the item's update writes.
bool has_what_was_sent(const Context& context, const Item& item, const MedicappPatient& detail) {
    if (item.decision.write_external_id && detail.patient.external_id() != item.external_id()) {
        return false;
    }
    const auto& env = context.env;
    const auto now = medicapp_view(detail, item.external_id(), env.digester, env.settings.identity);
    const auto sent = sent_fields(item);
    for (const auto field : reconcile::all_fields()) {
        if (sent.has(field) && of(now.fields, field) != of(item.his.fields, field)) return false;
    }
    return true;
}

/// The item's request failed; whether that concerns this patient alone, the context finds out.
void fail_one(Context& context, const Item& item, const connectors::ApiError& error) {
    context.fail_one(refused_patient(context, item, error, item.decision.medicapp_id));
    if (!context.going()) defer(context);
}

void hold_erased(Context& context, const Item& item, state::Batch& results) {
    drop_intent(item, results);
    record_erasure(item.external_id(), item.decision.medicapp_id, results);
    Item held = item;
    held.decision =
        Decision::hold_for(HoldReason::erased_in_medicapp, {}, {}, item.decision.medicapp_id);
    record_item_hold(context, held, results);
}

Task<void> recreate(Context& context, Item& item, Unresolved& unresolved, state::Batch& results) {
    state::Batch batch;
    state::Batch::DropLink unlink;
    unlink.external_id = item.external_id();
    batch.add(std::move(unlink));
    item.known.link.reset();
    item.seen.reset();
    item.detail.reset();
    item.decision = Decision(Kind::create);
    state::Batch::PutIntent intent;
    intent.intent = intent_of(item);
    batch.add(std::move(intent));
    co_await context.env.database.commit(std::move(batch));
    co_await deliver(context, item, unresolved, results);
}

/// A PUT answered 404: the patient was erased, unless a GET shows them.
Task<void> on_missing(Context& context, Item& item, Unresolved& unresolved, state::Batch& results) {
    const auto detail = co_await context.env.medicapp.get(item.decision.medicapp_id);
    if (!detail && detail.error().failure != Failure::not_found) {
        fail_one(context, item, detail.error());
        co_return;
    }
    if (detail) {
        context.leave_for_later("Medicapp gave contradictory answers about a patient");
        defer(context);
        co_return;
    }
    if (context.env.settings.policy.on_erased == reconcile::OnErased::recreate) {
        co_await recreate(context, item, unresolved, results);
        co_return;
    }
    hold_erased(context, item, results);
}

void on_failure(Context& context, Item& item, const connectors::ApiError& error,
                Unresolved& unresolved, state::Batch& results) {
    const bool creates = item.decision.kind == Kind::create;
    const bool full = unresolved.size() >= limits::unresolved_writes;
    if (creates && full &&
        (error.failure == Failure::conflict || error.failure == Failure::unknown)) {
        context.leave_for_later("Medicapp: too many creates without a clear outcome");
        defer(context);
        return;
    }
    switch (error.failure) {
    case Failure::conflict:
        if (creates) {
            unresolved.taken.push_back(std::move(item));
            return;
        }
        drop_intent(item, results);
        item.decision = Decision::hold_for(HoldReason::external_id_taken, "externalId", error.code,
                                           item.decision.medicapp_id);
        record_item_hold(context, item, results);
        return;
    case Failure::rejected:
        drop_intent(item, results);
        record_rejection(context, item, error, results);
        return;
    case Failure::refused:
        drop_intent(item, results);
        fail_one(context, item, error);
        return;
    case Failure::unknown:
        if (creates) {
            item.failure = error;
            unresolved.uncertain.push_back(std::move(item));
            return;
        }
        if (concerns_one_patient(error)) {
            fail_one(context, item, error);
            return;
        }
        context.leave_for_later("Medicapp: the outcome of an update is not known");
        defer(context);
        return;
    case Failure::unauthorized:
    case Failure::unavailable:
    case Failure::not_found:
        drop_intent(item, results);
        break;
    case Failure::cancelled:
        break; // the intent stays: the write may have been executed
    }
    defer(context);
    context.halt(error);
}

} // namespace

bool Unresolved::takes_in(const std::string& source, reconcile::Assessed& record) {
    for (auto* const items : {&taken, &uncertain}) {
        const auto waiting = std::ranges::find(*items, record.patient.external_id(),
                                               [](const Item& item) { return item.external_id(); });
        if (waiting == items->end()) continue;
        waiting->source = source;
        waiting->record = std::move(record);
        return true;
    }
    return false;
}

state::Intent intent_of(const Item& item) {
    state::Intent intent;
    intent.external_id = item.external_id();
    intent.kind = item.decision.kind == Kind::create ? state::Intent::Kind::create
                                                     : state::Intent::Kind::update;
    intent.medicapp_id = item.decision.medicapp_id;
    const auto sent = sent_fields(item);
    for (const auto field : reconcile::all_fields()) {
        if (sent.has(field)) of(intent.sent, field) = of(item.his.fields, field);
    }
    return intent;
}

Task<void> deliver(Context& context, Item& item, Unresolved& unresolved, state::Batch& results) {
    const bool creates = item.decision.kind == Kind::create;
    for (int round = 1;; ++round) {
        auto sent = co_await send(context, item);
        if (sent.reply) {
            record_success(context, item, *sent.reply, sent.left_out, results);
            co_return;
        }
        const auto failure = sent.reply.error().failure;
        if (!creates && failure == Failure::not_found) {
            co_await on_missing(context, item, unresolved, results);
            co_return;
        }
        if (creates || failure != Failure::unknown || round == update_rounds) {
            on_failure(context, item, sent.reply.error(), unresolved, results);
            co_return;
        }
        // The update may have been executed: Medicapp says.
        auto detail = co_await context.env.medicapp.get(item.decision.medicapp_id);
        if (!detail) {
            if (!concerns_one_patient(detail.error())) context.halt(detail.error());
            on_failure(context, item, sent.reply.error(), unresolved, results);
            co_return;
        }
        if (has_what_was_sent(context, item, *detail)) {
            record_success(context, item, *detail, FieldSet(), results);
            co_return;
        }
    }
}

} // namespace medibridge::sync
