#include "sync/recording.hpp"

#include "base/log/catalogue.hpp"
#include "sync/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using log::Key;
using reconcile::HoldReason;

namespace {

void audit(const std::string& external_id, const std::string& medicapp_id, std::string action,
           std::string detail, const std::string& request_id, state::Batch& batch) {
    state::Batch::Audit change;
    change.entry.external_id = external_id;
    change.entry.medicapp_id = medicapp_id;
    change.entry.action = std::move(action);
    change.entry.detail = std::move(detail);
    change.entry.request_id = request_id;
    batch.add(std::move(change));
}

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

std::int64_t& counter(Report& report, Action action) {
    switch (action) {
    case Action::created:
        return report.created;
    case Action::updated:
        return report.updated;
    case Action::linked:
        return report.linked;
    case Action::held:
        return report.held;
    }
    return report.updated;
}

} // namespace

void record_release(const Context& context, const state::Held& held, state::Batch& batch) {
    const std::string reason(name(held.reason));
    state::Batch::Release change;
    change.key = held.key;
    batch.add(std::move(change));
    audit(held.key, {}, "released", reason, {}, batch);
    context.write(context.event(log::events::patient_released)
                      .with(Key::source, held.source)
                      .with(Key::patient, held.key)
                      .with(Key::reason, reason));
}

void record_hold(Context& context, state::Held held, state::Batch& batch) {
    const std::string reason(name(held.reason));
    counter(context.report, Action::held) += 1;
    auto shown = held.field.empty() ? reason : reason + " (" + held.field + ")";
    context.env.observer.acted(held.key, Action::held, shown);
    audit(held.key, held.medicapp_id, "held", shown, held.request_id, batch);
    auto event = context.event(log::events::patient_held)
                     .with(Key::source, held.source)
                     .with(Key::patient, held.key)
                     .with(Key::reason, reason);
    if (!held.medicapp_id.empty()) {
        event.add(Key::medicapp_id, held.medicapp_id);
    }
    if (!held.request_id.empty()) event.add(Key::request_id, held.request_id);
    if (!held.field.empty()) event.add(Key::fields, held.field);
    context.write(event);
    state::Batch::Hold change;
    change.held = std::move(held);
    batch.add(std::move(change));
}

state::Held held_item(const Context& context, const Item& item) {
    state::Held held;
    held.record = record_digest(item.record, context.env.digester);
    held.key = state_key(item.record, context.env.digester);
    held.source = item.source;
    held.reason = item.decision.hold_reason;
    held.field = item.decision.field;
    held.detail = item.decision.detail;
    held.medicapp_id = item.decision.medicapp_id;
    held.held_at_ms = context.request.wall_clock_ms;
    // Nothing else says which record it is.
    if (item.external_id().empty() && !item.record.place.empty())
        held.detail += held.detail.empty() ? item.record.place : ": " + item.record.place;
    return held;
}

namespace {

/// False if the item is held for the same reason already.
bool hold_unless_held(Context& context, const Item& item, state::Held held, state::Batch& batch) {
    const auto& before = item.known.held;
    if (before && before->reason == held.reason) {
        if (before->record == held.record && before->request_id == held.request_id) return false;
        held.held_at_ms = before->held_at_ms;
        held.attempts = before->attempts + 1;
        state::Batch::Hold change;
        change.held = std::move(held);
        batch.add(std::move(change));
        return false;
    }
    record_hold(context, std::move(held), batch);
    return true;
}

} // namespace

bool record_item_hold(Context& context, const Item& item, state::Batch& batch) {
    const bool is_new = hold_unless_held(context, item, held_item(context, item), batch);
    if (is_new) report_unbelieved_time(context, item);
    return is_new;
}

RefusedPatient refused_patient(const Context& context, const Item& item,
                               const connectors::ApiError& error, const std::string& medicapp_id) {
    RefusedPatient patient;
    patient.external_id = item.external_id();
    patient.source = item.source;
    patient.medicapp_id = medicapp_id;
    patient.record = record_digest(item.record, context.env.digester);
    patient.error = error;
    return patient;
}

void record_rejection(Context& context, const Item& item, const connectors::ApiError& error,
                      state::Batch& batch) {
    auto held = held_item(context, item);
    held.reason = HoldReason::rejected;
    held.field.clear();
    held.detail = error.code.empty() ? "HTTP " + std::to_string(error.status) : error.code;
    held.request_id = error.request_id;
    hold_unless_held(context, item, std::move(held), batch);
}

void settle_one_refused(Context& context, const RefusedPatient& patient, const state::Known& known,
                        bool others_served, state::Batch& batch) {
    state::Batch::PutRefusal change;
    change.refusal.external_id = patient.external_id;
    change.refusal.cycles = 1 + (known.refusal ? known.refusal->cycles : 0);
    change.refusal.others = others_served || (known.refusal && known.refusal->others);
    const bool hold = change.refusal.cycles >= limits::refused_cycles && change.refusal.others;
    batch.add(std::move(change));
    if (!hold) {
        context.report.deferred += 1;
        context.leave_for_later("Medicapp, or something before it, refuses a patient: " +
                                patient.error.what);
        return;
    }
    state::Batch::DropIntent answered;
    answered.external_id = patient.external_id;
    batch.add(std::move(answered));
    state::Held held;
    held.key = patient.external_id;
    held.source = patient.source;
    held.reason = HoldReason::refused_by_server;
    held.detail = patient.error.status == 0 ? patient.error.what
                                            : "HTTP " + std::to_string(patient.error.status);
    held.medicapp_id = patient.medicapp_id;
    held.request_id = patient.error.request_id;
    held.record = patient.record;
    held.held_at_ms = context.request.wall_clock_ms;
    const auto& before = known.held;
    if (before && before->reason == held.reason) {
        held.held_at_ms = before->held_at_ms;
        held.attempts = before->attempts + 1;
        state::Batch::Hold again;
        again.held = std::move(held);
        batch.add(std::move(again));
        return;
    }
    record_hold(context, std::move(held), batch);
}

void record_erasure(const std::string& external_id, const std::string& medicapp_id,
                    state::Batch& batch) {
    state::Batch::DropLink unlink;
    unlink.external_id = external_id;
    batch.add(std::move(unlink));
    state::Batch::DropUnlinked forget;
    forget.medicapp_id = medicapp_id;
    batch.add(std::move(forget));
    state::Batch::PutTombstone tombstone;
    tombstone.tombstone.external_id = external_id;
    tombstone.tombstone.medicapp_id = medicapp_id;
    batch.add(std::move(tombstone));
}

void record_redirect(const std::string& external_id, const std::string& survivor,
                     state::Batch& batch) {
    state::Batch::PutRedirect change;
    change.from = external_id;
    change.to = survivor;
    batch.add(std::move(change));
    state::Batch::PutRedirect back;
    back.from = survivor;
    batch.add(std::move(back));
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

} // namespace

void record_agreement(Context& context, const Item& item, const std::string& medicapp_id,
                      const reconcile::SideView& medicapp, state::Batch& batch) {
    const auto before = item.known.link ? item.known.link->baselines.his : reconcile::SideView();
    state::Batch::PutLink change;
    change.link.external_id = item.external_id();
    change.link.medicapp_id = medicapp_id;
    change.link.source = item.source;
    change.link.contact_source = contact_source_of(item);
    change.link.baselines.his = merged_baseline(before, item.his);
    change.link.baselines.medicapp = medicapp;
    change.link.unbelieved_at = item.record.unbelieved_at;
    if (item.decision.drift)
        change.link.drift = *item.decision.drift;
    else if (item.known.link)
        change.link.drift = item.known.link->drift;
    batch.add(std::move(change));
    report_unbelieved_time(context, item);
    context.note_written(medicapp_id, medicapp.modified_at);
    context.refused.erase(item.external_id());
    if (item.known.refusal) {
        state::Batch::DropRefusal taken;
        taken.external_id = item.external_id();
        batch.add(std::move(taken));
    }
    if (!item.known.held || !item.may_release) return;
    auto held = *item.known.held;
    // Others were silent meanwhile: what they say now is to be looked at.
    if (stops_all_sources(held.reason) && context.source_names.size() > 1) {
        context.released.emplace_back(held.key, item.source);
        state::Batch::PutMeta reread;
        reread.key = reread_key;
        reread.value = "1";
        batch.add(std::move(reread));
    }
    held.source = item.source;
    record_release(context, held, batch);
}

void report_unbelieved_time(const Context& context, const Item& item) {
    const auto& stated = item.record.unbelieved_at;
    const auto& link = item.known.link;
    if (!stated || (link && link->unbelieved_at == stated)) return;
    context.write(context.event(log::events::record_implausible_time)
                      .with(Key::source, item.source)
                      .with(Key::patient, state_key(item.record, context.env.digester)));
}

void record_action(Context& context, const Item& item, Action action,
                   const connectors::MedicappPatient& patient, const reconcile::FieldSet& fields,
                   state::Batch& batch) {
    counter(context.report, action) += 1;
    auto shown = names(fields);
    context.env.observer.acted(item.external_id(), action, shown);
    auto event = context.event(event_type(action))
                     .with(Key::source, item.source)
                     .with(Key::patient, item.external_id())
                     .with(Key::medicapp_id, patient.id);
    if (!shown.empty()) event.add(Key::fields, shown);
    context.write(event);
    audit(item.external_id(), patient.id, std::string(name(action)), std::move(shown), {}, batch);
}

void report_fields(const Context& context, const Item& item) {
    if (!item.decision.plan.conflicts.empty()) {
        context.write(context.event(log::events::patient_conflict)
                          .with(Key::source, item.source)
                          .with(Key::patient, item.external_id())
                          .with(Key::fields, names(item.decision.plan.conflicts)));
    }
    if (item.seen && item.known.link) {
        const auto& link = *item.known.link;
        auto drifted = differing(link.baselines.medicapp.fields, item.seen->fields);
        reconcile::FieldSet asserted;
        for (const auto field : reconcile::all_fields()) {
            if (item.decision.plan.conflicts.has(field)) drifted.remove(field);
            if (!drifted.has(field) || !item.decision.plan.write.has(field)) continue;
            drifted.remove(field);
            asserted.add(field);
        }
        report_drift(context, link, drifted, "kept");
        report_drift(context, link, asserted, "the HIS's value written again");
    }
    if (item.decision.plan.partial_address)
        report_dropped(context, item, "address", "is not whole: Medicapp has a part that it lacks");
    for (const auto& defect : item.record.dropped) {
        report_dropped(context, item, defect.field, defect.reason);
    }
}

void report_drift(const Context& context, const state::Link& link,
                  const reconcile::FieldSet& fields, const std::string& outcome) {
    if (fields.empty()) return;
    context.write(context.event(log::events::patient_drift)
                      .with(Key::patient, link.external_id)
                      .with(Key::medicapp_id, link.medicapp_id)
                      .with(Key::fields, names(fields))
                      .with(Key::reason, outcome));
}

void report_dropped(const Context& context, const Item& item, const std::string& fields,
                    const std::string& reason) {
    context.write(context.event(log::events::field_dropped)
                      .with(Key::source, item.source)
                      .with(Key::patient, item.external_id())
                      .with(Key::fields, fields)
                      .with(Key::reason, reason));
}

} // namespace medibridge::sync
