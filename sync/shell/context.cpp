#include "sync/shell/context.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::ApiError;
using connectors::Failure;
using reconcile::Instant;

void Context::heed(Effects& effects) {
    const auto notice = std::exchange(effects.notice, Notice());
    served_ = served_ || effects.counts.served() > 0;
    if (notice.halt) halt(*notice.halt);
    if (notice.refused) fail_one(*notice.refused);
    if (!notice.left.empty()) leave_for_later(notice.left);
    // Who alone was refused is settled at the cycle's end, if it comes to that.
    if (notice.refused && !going()) effects.counts.deferred += 1;
}

runtime::Task<void> Context::apply(Effects effects) {
    heed(effects);
    co_await env.database.commit(std::move(effects.changes));
    for (auto& event : effects.events)
        write(std::move(event).with(log::Key::cycle, cycle_id));
    report += effects.counts;
    for (const auto& deed : effects.deeds)
        env.observer.acted(deed.external_id, deed.action, deed.detail);
    if (effects.newest) note_written(effects.newest->medicapp_id, effects.newest->at);
    for (const auto& external_id : effects.agreed)
        refused.erase(external_id);
    for (auto& patient : effects.released)
        released.push_back(std::move(patient));
}

void Context::leave_for_later(const std::string& reason) {
    if (report.outcome != Outcome::complete) return;
    report.outcome = Outcome::incomplete;
    report.reason = reason;
}

void Context::halt(const ApiError& error) {
    halted_ = true;
    if (error.failure == Failure::unauthorized) {
        refuse_credentials("Medicapp refuses the API key");
        return;
    }
    const auto detail = error.what.empty() ? std::string(name(error.failure)) : error.what;
    leave_for_later("Medicapp: " + detail);
}

void Context::refuse_credentials(const std::string& reason) {
    report.outcome = Outcome::unauthorized;
    report.reason = reason;
}

void Context::guard(Alarm alarm) {
    halted_ = true;
    report.outcome = Outcome::guarded;
    report.reason = alarm.reason;
    report.alarm =
        GuardAlarm{std::string(alarm.type.name), alarm.source, alarm.fields, alarm.reason};
    alarm_.emplace(std::move(alarm));
}

void Context::fail_one(RefusedPatient patient) {
    if (!concerns_one_patient(patient.error) || refused.size() >= limits::refused_patients) {
        halt(patient.error);
        return;
    }
    const auto id = patient.external_id;
    refused.insert_or_assign(id, std::move(patient));
    if (served_ || refused.size() < limits::refused_in_a_row) return;
    halted_ = true;
    const auto& error = refused.at(id).error;
    leave_for_later("Medicapp, or a proxy or firewall in front of it, refuses every patient: " +
                    error.what);
}

void Context::note_written(const std::string& medicapp_id, std::optional<Instant> at) {
    if (!at || at <= newest_written_at_) return;
    newest_written_ = medicapp_id;
    newest_written_at_ = at;
}

log::Event Context::event(const log::EventType& type) const {
    return log::Event(type).with(log::Key::cycle, cycle_id);
}

} // namespace medibridge::sync
