#include "sync/core/delivery.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/answers.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/refusals.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::ApiError;
using connectors::Failure;
using connectors::MedicappPatient;
using reconcile::FieldSet;
using reconcile::HoldReason;
using reconcile::SideView;
using Kind = Decision::Kind;

namespace {

/// How often an update whose outcome is unknown is looked up in Medicapp and sent again.
constexpr int update_rounds = 3;

/// Medicapp accepted a part of the write: that part is agreed, the rest waits.
state::Batch keep_what_was_taken(const Item& item, const FieldSet& refused, const SideView& after) {
    state::Batch batch;
    if (!item.known.link) return batch;
    auto link = *item.known.link;
    auto& his = link.baselines.his;
    const auto before = std::exchange(his, merged_baseline(his, item.his));
    for (const auto field : reconcile::all_fields()) {
        if (refused.has(field)) of(his.fields, field) = of(before.fields, field);
    }
    link.baselines.medicapp = after;
    batch.put_link(std::move(link));
    return batch;
}

/// The write reached somebody else, or the answer is about somebody else: nothing more is written
/// to that Medicapp patient, and nobody without a look until Medicapp was read completely.
Effects on_misdirected(const Rules& rules, Item item, const std::string& medicapp_id) {
    const bool created = item.decision.kind == Kind::create;
    const auto* const why =
        created ? created_as_another : "the answer to a write showed another patient";
    Effects effects;
    effects.changes.drop_intent(item.external_id());
    effects.changes.put_meta(std::string(state::unconfirmed_links_key), "misdirected write");
    // The one trace of what is to be undone in Medicapp.
    effects.changes.audit(
        {item.external_id(), medicapp_id, "misdirected", names(sent_fields(item)), {}});
    refuse_order(item, why);
    effects.append(hold_item(
        rules, item,
        Decision::hold_for(HoldReason::identity_mismatch, "externalId", why, medicapp_id)));
    effects.events.push_back(log::Event(log::events::patient_misdirected)
                                 .with(log::Key::source, item.source)
                                 .with(log::Key::patient, item.external_id())
                                 .with(log::Key::medicapp_id, medicapp_id));
    effects.notice.misdirected = true;
    return effects;
}

/// The item's write was taken, as Medicapp's answer shows: all of it, or a part.
Effects on_success(const Rules& rules, const Item& item, const MedicappPatient& answer,
                   const FieldSet& left_out) {
    const auto seen = after_write(rules, item, answer, left_out);
    if (!seen) return on_misdirected(rules, item, answer.id);
    const auto& after = *seen;
    Effects effects;
    effects.changes.drop_intent(item.external_id());
    if (!left_out.empty())
        effects.append(record_dropped(item, names(left_out), "Medicapp refuses it"));
    const auto refused = not_taken(rules, item, after, left_out);
    if (!refused.empty()) {
        const auto held = Decision::hold_for(HoldReason::rejected, names(refused),
                                             "Medicapp kept its own value", answer.id);
        effects.append(hold_item(rules, item, held));
        effects.changes.append(keep_what_was_taken(item, refused, after));
        return effects;
    }
    effects.append(report_fields(item));
    const auto not_emptied = still_there(item, after, left_out);
    if (!not_emptied.empty())
        effects.append(record_dropped(item, names(not_emptied), "Medicapp does not clear it"));
    if (item.decision.kind == Kind::create) {
        effects.append(act(item, Action::created, answer.id, sent_fields(item) - left_out));
    } else if (const auto sent = sent_fields(item) - left_out; !sent.empty()) {
        effects.append(act(item, Action::updated, answer.id, sent));
    }
    if (item.decision.kind == Kind::adopt)
        effects.append(act(item, Action::linked, answer.id, FieldSet()));
    effects.append(agree_on(rules, item, answer.id, after));
    return effects;
}

/// Whether Medicapp's refusal may be about one of the values, so that the patient may be written
/// without it. 402, 405, 410 or 451 are about the request, whatever it carries.
bool may_concern_a_value(const ApiError& error) {
    return error.status == 400 || error.status == 422;
}

bool is_refused(const Delivery::Answer& answer) {
    return !answer && answer.error().failure == Failure::rejected;
}

ApiError unclear(std::string what) {
    ApiError error(Failure::unknown);
    error.what = std::move(what);
    return error;
}

Effects deferred(std::string why) {
    Effects effects;
    effects.notice.left = std::move(why);
    effects.counts.deferred = 1;
    return effects;
}

} // namespace

Delivery::Delivery(const Rules& rules, Item item) : rules_(&rules), item_(std::move(item)) {}

Delivery::Step Delivery::start() {
    phase_ = Phase::sending;
    left_out_ = FieldSet();
    return send(left_out_, false);
}

Delivery::Step Delivery::answered(Answer answer) {
    switch (phase_) {
    case Phase::sending:
        if (is_refused(answer)) return on_refusal(answer.error());
        return on_outcome(answer, trying_without_);
    case Phase::probing:
        if (is_refused(answer)) return probe_next();
        return on_outcome(answer, trying_without_);
    case Phase::looking_at_created:
        return on_created_look(answer);
    case Phase::looking_at_unclear:
        return on_unclear_look(answer);
    case Phase::looking_at_missing:
        return on_missing_look(answer);
    }
    return Done{};
}

Delivery::Step Delivery::skipped() {
    Done done{deferred("Medicapp refuses a field of more patients than one cycle tries out: the "
                       "next cycles go on with them")};
    done.effects.changes.drop_intent(item_.external_id());
    return done;
}

Delivery::Step Delivery::kept() {
    round_ = 1;
    return start();
}

Effects Delivery::not_sent() const {
    Effects effects;
    effects.changes.drop_intent(item_.external_id());
    effects.counts.deferred = 1;
    return effects;
}

Delivery::Step Delivery::send(const FieldSet& left_out, bool probe) {
    trying_without_ = left_out;
    return Send{write_request(item_, left_out), probe};
}

Delivery::Step Delivery::on_refusal(const ApiError& error) {
    left_out_ = trying_without_;
    refusal_ = error;
    if (!may_concern_a_value(error)) return on_failure(error);
    const auto named = named_fields(sent_fields(item_) - left_out_, error);
    return named.empty() ? begin_probing() : send(left_out_ | named, true);
}

Delivery::Step Delivery::begin_probing() {
    phase_ = Phase::probing;
    suspects_ = suspects(sent_fields(item_) - left_out_, refusal_);
    next_suspect_ = 0;
    return probe_next();
}

Delivery::Step Delivery::probe_next() {
    while (next_suspect_ < suspects_.size()) {
        const auto left_out = left_out_ | suspects_[next_suspect_++];
        // To send nothing would show nothing.
        if (!is_empty(write_request(item_, left_out))) return send(left_out, true);
    }
    return on_outcome(std::unexpected(refusal_), FieldSet());
}

Delivery::Step Delivery::on_outcome(const Answer& answer, const FieldSet& left_out) {
    // What an answer that tells nothing of the patient did is seen by a look only. In a dry run
    // none has done anything.
    const bool tells = !answer || rules_->request.dry_run || answer->tells_whom();
    if (!tells && creates()) {
        phase_ = Phase::looking_at_created;
        unclear_ = unclear("the answer to a create tells the id only");
        return Look{answer->id};
    }
    says_nothing_ = !tells;
    if (says_nothing_) {
        phase_ = Phase::looking_at_unclear;
        unclear_ = unclear("the answer to an update has no body");
        return Look{item_.decision.medicapp_id};
    }
    if (answer) return Done{on_success(*rules_, item_, *answer, left_out)};
    const auto failure = answer.error().failure;
    if (!creates() && failure == Failure::not_found) {
        phase_ = Phase::looking_at_missing;
        return Look{item_.decision.medicapp_id};
    }
    if (creates() || failure != Failure::unknown || round_ == update_rounds)
        return on_failure(answer.error());
    phase_ = Phase::looking_at_unclear;
    unclear_ = answer.error();
    return Look{item_.decision.medicapp_id};
}

/// The item's request failed. The cycle finds out whether others are concerned, too.
Delivery::Step Delivery::fail_one(const ApiError& error) {
    Effects effects;
    effects.notice.refused = refused_patient(*rules_, item_, error, item_.decision.medicapp_id);
    return Done{std::move(effects)};
}

Delivery::Step Delivery::on_failure(const ApiError& error) {
    Effects effects;
    switch (error.failure) {
    case Failure::conflict: {
        if (creates()) return Park{std::move(item_), UnclearCreates::Why::taken};
        const auto held = Decision::hold_for(HoldReason::external_id_taken, "externalId",
                                             error.code, item_.decision.medicapp_id);
        effects.changes.drop_intent(item_.external_id());
        effects.append(hold_item(*rules_, item_, held));
        return Done{std::move(effects)};
    }
    case Failure::rejected:
        effects.changes.drop_intent(item_.external_id());
        effects.append(hold_rejected(*rules_, item_, error));
        return Done{std::move(effects)};
    case Failure::refused: {
        auto end = fail_one(error);
        std::get<Done>(end).effects.changes.drop_intent(item_.external_id());
        return end;
    }
    case Failure::unknown:
        if (creates()) {
            item_.failure = error;
            return Park{std::move(item_), UnclearCreates::Why::uncertain};
        }
        if (concerns_one_patient(error)) return fail_one(error);
        // Each time the patient could be read right after it, so it is no outage: not even a 503, a
        // page of HTML or a closed connection.
        if (round_ == update_rounds) return fail_one(of_one_patient(error));
        return Done{deferred("Medicapp: the outcome of an update is not known")};
    case Failure::not_found: {
        // There is nobody who could be missing. Where it is the address, everybody gets it.
        auto end = fail_one(of_one_patient(error));
        std::get<Done>(end).effects.changes.drop_intent(item_.external_id());
        return end;
    }
    case Failure::unauthorized:
    case Failure::unavailable:
        effects.changes.drop_intent(item_.external_id());
        break;
    case Failure::cancelled:
        break; // the intent stays: the write may have been executed
    }
    effects.counts.deferred = 1;
    effects.notice.halt = error;
    return Done{std::move(effects)};
}

/// The create's answer told an id: the patient there was read, to see whether it is theirs.
Delivery::Step Delivery::on_created_look(const Answer& answer) {
    if (!answer) return on_failure(unclear_);
    const bool is_theirs = answer->patient.external_id() == item_.external_id() ||
                           has_what_was_sent(*rules_, item_, *answer, trying_without_);
    if (carries_another(item_, *answer) || !is_theirs)
        return Done{on_misdirected(*rules_, item_, answer->id)};
    // What was sent is agreed. Somebody may have changed it before this look: the next poll tells.
    MedicappPatient taken;
    taken.id = answer->id;
    return Done{on_success(*rules_, item_, taken, trying_without_)};
}

/// The update may have been executed: Medicapp's patient was read to find out.
Delivery::Step Delivery::on_unclear_look(const Answer& answer) {
    if (!answer) {
        auto end = on_failure(unclear_);
        if (!concerns_one_patient(answer.error()))
            std::get<Done>(end).effects.notice.halt = answer.error();
        return end;
    }
    if (carries_another(item_, *answer))
        return Done{on_misdirected(*rules_, item_, item_.decision.medicapp_id)};
    const bool is_last = says_nothing_ && round_ == update_rounds;
    if (is_last || has_what_was_sent(*rules_, item_, *answer, trying_without_))
        return Done{on_success(*rules_, item_, *answer, trying_without_)};
    ++round_;
    return start();
}

/// A PUT answered 404: the patient was erased, unless a GET shows them.
Delivery::Step Delivery::on_missing_look(const Answer& answer) {
    if (answer) return Done{deferred("Medicapp gave contradictory answers about a patient")};
    if (answer.error().failure != Failure::not_found) return fail_one(answer.error());
    if (rules_->settings.policy.on_erased == reconcile::OnErased::recreate) return recreate();
    const auto& medicapp_id = item_.decision.medicapp_id;
    Effects effects;
    effects.changes.drop_intent(item_.external_id());
    effects.changes.append(erasure(item_.external_id(), medicapp_id));
    effects.append(hold_item(
        *rules_, item_, Decision::hold_for(HoldReason::erased_in_medicapp, {}, {}, medicapp_id)));
    return Done{std::move(effects)};
}

Delivery::Step Delivery::recreate() {
    item_.known.link.reset();
    item_.seen.reset();
    item_.detail.reset();
    item_.decision = Decision(Kind::create);
    Keep keep;
    keep.effects.changes.drop_link(item_.external_id());
    keep.effects.changes.put_intent(intent_of(item_));
    return keep;
}

} // namespace medibridge::sync
