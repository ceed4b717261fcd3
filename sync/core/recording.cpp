#include "sync/core/recording.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/order.hpp"
#include "sync/core/returned.hpp"
#include "sync/core/views.hpp"
#include "sync/core/yielding.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using log::Key;
using reconcile::HoldReason;

namespace {

const log::EventType& event_type(Action action) {
    switch (action) {
    case Action::created:
        return log::events::patient_created;
    case Action::updated:
        return log::events::patient_updated;
    case Action::linked:
        return log::events::patient_linked;
    case Action::held:
        return log::events::patient_held;
    }
    return log::events::patient_updated;
}

std::int64_t& counter(Tally& counts, Action action) {
    switch (action) {
    case Action::created:
        return counts.created;
    case Action::updated:
        return counts.updated;
    case Action::linked:
        return counts.linked;
    case Action::held:
        return counts.held;
    }
    return counts.updated;
}

/// See Held::look. If Medicapp was not read, what was seen of this record before still stands.
std::optional<reconcile::Digest> look_of(const Rules& rules, const Item& item,
                                         const reconcile::Digest& record) {
    if (item.seen) return divergence_digest(item.record, *item.seen, rules.digester);
    const auto& before = item.known.held;
    return before && before->record == record ? before->look : std::nullopt;
}

/// The hold that a decision on an item calls for.
state::Held held_for(const Rules& rules, const Item& item, const Decision& decision) {
    state::Held held;
    held.record = record_digest(item.record, rules.digester);
    held.key = state_key(item.record, rules.digester);
    held.source = item.source;
    held.reason = decision.hold_reason;
    held.field = decision.field;
    held.detail = decision.detail;
    held.medicapp_id = decision.medicapp_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    held.looked_at_ms = rules.request.wall_clock_ms;
    if (held.reason == HoldReason::divergence) held.look = look_of(rules, item, held.record);
    // Nothing else says which record it is.
    if (item.external_id().empty() && !item.record.place.empty())
        held.detail += held.detail.empty() ? item.record.place : ": " + item.record.place;
    return held;
}

Effects hold_unless_held(const Item& item, state::Held held) {
    const auto& before = item.known.held;
    const bool same_cause =
        before && before->reason == held.reason && says_returned(*before) == says_returned(held);
    if (!same_cause) return hold(std::move(held));
    const bool asked = is_ordered(item, DecisionKind::retry);
    const bool same_record = before->record == held.record;
    // Or review_ignore() would have said so. And what an operator decided is about the record of
    // the source that holds: two that both would may not take turns until it is carried out.
    const bool decided = before->acknowledged || item.known.decision;
    if (decided && before->source != held.source && !asked) return {};
    const bool same_look = before->look == held.look;
    if (same_record && same_look && before->request_id == held.request_id && !asked) return {};
    // What an operator left as it is stays so until the record changes, or they ask again.
    held.acknowledged = before->acknowledged && (same_record || item.remapped) && !asked;
    if (held.acknowledged) held.others = before->others;
    return hold_again(*before, std::move(held));
}

/// The record's time is not believed: an event, once for each patient and time.
Effects report_unbelieved_time(const Rules& rules, const Item& item) {
    Effects effects;
    const auto& stated = item.record.unbelieved_at;
    const auto& link = item.known.link;
    if (!stated || (link && link->unbelieved_at == stated)) return effects;
    effects.events.push_back(log::Event(log::events::record_implausible_time)
                                 .with(Key::source, item.source)
                                 .with(Key::patient, state_key(item.record, rules.digester)));
    return effects;
}

/// What was done, by whom: by the operator whose decision is carried out, or by medibridge itself.
state::AuditEntry audit_line(const Item& item, const std::string& medicapp_id, Action action,
                             std::string detail) {
    state::AuditEntry line;
    line.external_id = item.external_id();
    line.medicapp_id = medicapp_id;
    line.action = name(action);
    line.detail = std::move(detail);
    if (item.ordered && item.refusal.empty()) line.actor = item.known.decision->actor;
    return line;
}

} // namespace

Effects release(const state::Held& held) {
    const std::string reason(name(held.reason));
    Effects effects;
    effects.changes.release(held.key);
    effects.changes.audit({held.key, {}, "released", reason, {}});
    effects.events.push_back(log::Event(log::events::patient_released)
                                 .with(Key::source, held.source)
                                 .with(Key::patient, held.key)
                                 .with(Key::reason, reason));
    return effects;
}

namespace {

log::Event event_of(const state::Held& held) {
    if (says_returned(held)) return log::Event(log::events::patient_erased_returned);
    return is_to_decide(held) ? log::Event(log::events::patient_held)
                              : log::Event(log::events::patient_excluded);
}

} // namespace

Effects hold_again(const state::Held& before, state::Held held) {
    held.held_at_ms = before.held_at_ms;
    held.attempts = before.attempts + 1;
    Effects effects;
    effects.changes.hold(std::move(held));
    return effects;
}

Effects hold(state::Held held) {
    const std::string reason(name(held.reason));
    const auto shown = held.field.empty() ? reason : reason + " (" + held.field + ")";
    Effects effects;
    effects.counts.held = 1;
    effects.deeds.push_back(
        {held.key, Action::held, held.detail.empty() ? shown : shown + ": " + held.detail});
    auto event = event_of(held)
                     .with(Key::source, held.source)
                     .with(Key::patient, held.key)
                     .with(Key::reason, reason);
    if (!held.detail.empty()) event.add(Key::detail, held.detail);
    if (!held.medicapp_id.empty()) event.add(Key::medicapp_id, held.medicapp_id);
    if (!held.request_id.empty()) event.add(Key::request_id, held.request_id);
    if (!held.field.empty()) event.add(Key::fields, held.field);
    effects.events.push_back(std::move(event));
    effects.changes.audit({held.key, held.medicapp_id, "held", shown, held.request_id});
    effects.changes.hold(std::move(held));
    return effects;
}

Effects hold_item(const Rules& rules, const Item& item, const Decision& decision) {
    auto effects = hold_unless_held(item, held_for(rules, item, decision));
    const bool is_new = effects.counts.held > 0;
    effects.append(conclude_order(item, decision.hold_reason));
    if (is_new) effects.append(report_unbelieved_time(rules, item));
    return effects;
}

Effects hold_rejected(const Rules& rules, const Item& item, const connectors::ApiError& error) {
    auto held = held_for(rules, item, item.decision);
    held.reason = HoldReason::rejected;
    held.field.clear();
    held.detail = error.code.empty() ? "HTTP " + std::to_string(error.status) : error.code;
    held.request_id = error.request_id;
    auto effects = hold_unless_held(item, std::move(held));
    effects.append(conclude_order(item, HoldReason::rejected));
    return effects;
}

Arrived arrived_about(const std::optional<state::Held>& held) {
    const bool contested = held && (held->reason == HoldReason::ambiguous_source ||
                                    held->detail == another_may_have_come);
    return contested ? Arrived::stays : Arrived::taken_goes;
}

state::Batch erasure(const std::string& external_id, const std::string& medicapp_id,
                     Arrived arrived) {
    state::Batch batch;
    batch.drop_link(external_id);
    batch.drop_unlinked(medicapp_id);
    batch.put_tombstone({external_id, medicapp_id});
    if (arrived == Arrived::goes) batch.forget(external_id);
    if (arrived == Arrived::taken_goes) batch.forget_taken(external_id);
    return batch;
}

namespace {

/// Which source the patient's contact data are from once the item's record is taken.
std::string contact_source_of(const Item& item) {
    const bool gives = std::ranges::any_of(reconcile::all_fields(), [&](reconcile::Field field) {
        return is_contact(field) && !item.record.patient[field].is_unknown();
    });
    if (gives) return item.source;
    return item.known.link ? item.known.link->contact_source : std::string();
}

state::Link agreed_link(const Item& item, const std::string& medicapp_id,
                        const reconcile::SideView& medicapp) {
    const auto& before = item.known.link;
    state::Link link;
    link.external_id = item.external_id();
    link.medicapp_id = medicapp_id;
    const bool stays = item.yields && before;
    link.source = stays ? before->source : item.source;
    link.contact_source = stays ? before->contact_source : contact_source_of(item);
    link.baselines.his =
        merged_baseline(before ? before->baselines.his : reconcile::SideView(), item.his);
    // What stands is the word of whom the record yields to, and of that time.
    if (stays && before->baselines.his.modified_at)
        link.baselines.his.modified_at = before->baselines.his.modified_at;
    link.baselines.medicapp = medicapp;
    link.unbelieved_at = item.record.unbelieved_at;
    if (item.decision.drift)
        link.drift = *item.decision.drift;
    else if (before)
        link.drift = before->drift;
    return link;
}

/// Whether another source may have said something that was not taken, now that the item's ends the
/// hold: all were stopped, or the hold was of another one's record, or of somebody of whom no word
/// was taken so far.
bool leaves_others_unheard(const Item& item) {
    const auto& held = *item.known.held;
    if (stops_all_sources(held.reason) || held.source != item.source) return true;
    return !item.known.link && held.reason != HoldReason::invalid;
}

/// The fields of which the item's record says something, if it says when.
reconcile::FieldSet stated_when_dated(const Item& item) {
    reconcile::FieldSet fields;
    if (!item.record.modified_at) return fields;
    for (const auto field : reconcile::all_fields())
        if (!is_unknown(of(item.his.fields, field))) fields.add(field);
    return fields;
}

} // namespace

Effects agree_on(const Rules& rules, const Item& item, const std::string& medicapp_id,
                 const reconcile::SideView& medicapp) {
    Effects effects;
    effects.changes.put_link(agreed_link(item, medicapp_id, medicapp));
    effects.append(report_unbelieved_time(rules, item));
    effects.note_written(medicapp_id, medicapp.modified_at);
    effects.agreed.push_back({item.external_id(), item.source});
    effects.changes.append(remember_taken(rules, item, medicapp_id));
    if (item.known.refusal) effects.changes.drop_refusal(item.external_id());
    // Whoever is linked again is erased no more. Of one who still is, an erasure is under way.
    if (item.known.tombstone && !item.known.link)
        effects.changes.drop_tombstone(item.external_id());
    effects.append(conclude_order(item, std::nullopt));
    if (!item.known.held || !item.may_release) return effects;
    auto held = *item.known.held;
    // The other sources were not heard during the hold, or a record of theirs was held and not
    // taken: they are asked again.
    if (rules.several_sources() && leaves_others_unheard(item)) {
        effects.released.push_back(
            {held.key, item.source, !item.known.link, stated_when_dated(item)});
        effects.changes.put_meta(reread_key, "1");
    }
    held.source = item.source;
    effects.append(release(held));
    return effects;
}

Effects act(const Item& item, Action action, const std::string& medicapp_id,
            const reconcile::FieldSet& fields) {
    const auto shown = names(fields);
    Effects effects;
    counter(effects.counts, action) = 1;
    effects.deeds.push_back({item.external_id(), action, shown});
    auto event = log::Event(event_type(action))
                     .with(Key::source, item.source)
                     .with(Key::patient, item.external_id())
                     .with(Key::medicapp_id, medicapp_id);
    if (!shown.empty()) event.add(Key::fields, shown);
    effects.events.push_back(std::move(event));
    effects.changes.audit(audit_line(item, medicapp_id, action, shown));
    return effects;
}

Effects report_fields(const Item& item) {
    Effects effects;
    if (!item.decision.plan.conflicts.empty()) {
        effects.events.push_back(log::Event(log::events::patient_conflict)
                                     .with(Key::source, item.source)
                                     .with(Key::patient, item.external_id())
                                     .with(Key::fields, names(item.decision.plan.conflicts)));
    }
    if (item.seen && item.known.link) {
        const auto& link = *item.known.link;
        const auto& plan = item.decision.plan;
        const auto drifted =
            differing(link.baselines.medicapp.fields, item.seen->fields) - plan.conflicts;
        const auto asserted = drifted & plan.write;
        effects.append(report_drift(link, drifted - asserted, medicapps_value_kept));
        effects.append(report_drift(link, asserted, "the HIS's value was written again"));
    }
    if (item.decision.plan.partial_address)
        effects.append(
            report_dropped(item, "address", "is incomplete: Medicapp has a part that it lacks"));
    for (const auto& defect : item.record.dropped)
        effects.append(report_dropped(item, defect.field, defect.reason));
    return effects;
}

Effects take_restored_time(state::Link link, const reconcile::SideView& seen) {
    Effects effects;
    link.baselines.medicapp.modified_at = seen.modified_at;
    effects.changes.put_link(std::move(link));
    return effects;
}

Effects report_drift(const state::Link& link, const reconcile::FieldSet& fields,
                     const std::string& outcome) {
    Effects effects;
    if (fields.empty()) return effects;
    effects.events.push_back(log::Event(log::events::patient_drift)
                                 .with(Key::patient, link.external_id)
                                 .with(Key::medicapp_id, link.medicapp_id)
                                 .with(Key::fields, names(fields))
                                 .with(Key::reason, outcome));
    return effects;
}

Effects record_dropped(const Item& item, const std::string& fields, const std::string& reason) {
    auto effects = report_dropped(item, fields, reason);
    effects.changes.audit({item.external_id(),
                           item.decision.medicapp_id,
                           "field_dropped",
                           fields + ": " + reason,
                           {}});
    return effects;
}

Effects report_dropped(const Item& item, const std::string& fields, const std::string& reason) {
    Effects effects;
    effects.events.push_back(log::Event(log::events::field_dropped)
                                 .with(Key::source, item.source)
                                 .with(Key::patient, item.external_id())
                                 .with(Key::fields, fields)
                                 .with(Key::reason, reason));
    return effects;
}

} // namespace medibridge::sync
