#include "sync/core/refusals.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

using log::Key;
using reconcile::HoldReason;

std::int64_t refusal_cycles(const state::Known& known) {
    return known.refusal ? known.refusal->cycles : 0;
}

RefusedPatient refused_patient(const Rules& rules, const Item& item,
                               const connectors::ApiError& error, const std::string& medicapp_id) {
    RefusedPatient patient;
    patient.external_id = item.external_id();
    patient.source = item.source;
    patient.medicapp_id = medicapp_id;
    patient.record = record_digest(item.record, rules.digester);
    patient.alone = item.known.refusal && item.known.refusal->others;
    patient.error = error;
    return patient;
}

namespace {

/// What was answered, in few words without values.
std::string answer_to(const RefusedPatient& patient) {
    // A successful status says nothing of what was wrong with the answer.
    return patient.error.status < 300 ? patient.error.what
                                      : "HTTP " + std::to_string(patient.error.status);
}

/// Once for each row of refusals, or nobody could find whom a cycle leaves.
Effects report_refusal(const RefusedPatient& patient) {
    const auto& error = patient.error;
    auto event = log::Event(log::events::patient_refused).with(Key::patient, patient.external_id);
    if (!patient.source.empty()) event.add(Key::source, patient.source);
    if (!patient.medicapp_id.empty()) event.add(Key::medicapp_id, patient.medicapp_id);
    if (!error.request_id.empty()) event.add(Key::request_id, error.request_id);
    if (error.status > 0) event.add(Key::status, error.status);
    event.add(Key::reason, error.what);
    Effects effects;
    effects.events.push_back(std::move(event));
    effects.changes.audit({patient.external_id, patient.medicapp_id, std::string(refused_action),
                           answer_to(patient), error.request_id});
    return effects;
}

Effects count_refusal(const Rules& rules, const RefusedPatient& patient, const state::Known& known,
                      bool others_served) {
    state::Refusal refusal;
    refusal.external_id = patient.external_id;
    refusal.cycles = 1 + refusal_cycles(known);
    refusal.others = others_served || (known.refusal && known.refusal->others);
    const bool holds = refusal.cycles >= limits::refused_cycles && refusal.others;
    Effects effects;
    effects.changes.put_refusal(std::move(refusal));
    if (!holds) {
        effects.counts.deferred = 1;
        if (refusal_cycles(known) == 0) effects.append(report_refusal(patient));
        return effects;
    }
    // What a source says stands: it would be forgotten in the place of what Medicapp does not show.
    if (known.held && stops_all_sources(known.held->reason)) return effects;
    effects.changes.drop_intent(patient.external_id);
    if (known.decision)
        effects.append(refuse_decision(*known.decision, "Medicapp, or what stands in front of it, "
                                                        "refuses the patient"));
    state::Held held;
    held.key = patient.external_id;
    held.source = patient.source;
    held.reason = HoldReason::refused_by_server;
    held.detail = answer_to(patient);
    held.medicapp_id = patient.medicapp_id;
    held.field = patient.field;
    held.request_id = patient.error.request_id;
    held.record = patient.record;
    held.held_at_ms = rules.request.wall_clock_ms;
    const bool same = known.held && known.held->reason == held.reason;
    effects.append(same ? hold_again(*known.held, std::move(held)) : hold(std::move(held)));
    return effects;
}

/// `first`: of those whom the cycle leaves, any of whose requests tells what is refused.
std::string left_refused(std::int64_t patients, const RefusedPatient& first) {
    const auto whom = patients == 1 ? "a patient" : std::to_string(patients) + " patients";
    return "Medicapp, or a proxy or firewall in front of it, refuses " + whom + " (" +
           first.error.what + "): medibridgectl audit shows whom (" + std::string(refused_action) +
           "), medibridgectl why ID says more";
}

} // namespace

Effects count_refusals(const Rules& rules, const std::map<std::string, RefusedPatient>& patients,
                       const std::vector<state::Known>& known, bool others_served) {
    Effects effects;
    std::size_t i = 0;
    const RefusedPatient* left = nullptr;
    for (const auto& [external_id, patient] : patients) {
        const auto waiting = effects.counts.deferred;
        effects.append(count_refusal(rules, patient, known[i++], others_served));
        if (!left && effects.counts.deferred > waiting) left = &patient;
    }
    if (left) effects.notice.left = left_refused(effects.counts.deferred, *left);
    return effects;
}

Effects put_refused_last(const std::map<std::string, RefusedPatient>& patients,
                         const std::vector<state::Known>& known) {
    Effects effects;
    std::size_t i = 0;
    for (const auto& [external_id, patient] : patients)
        if (!known[i++].refusal) effects.changes.put_refusal({external_id});
    return effects;
}

} // namespace medibridge::sync
