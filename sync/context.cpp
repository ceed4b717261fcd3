#include "sync/context.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::ApiError;
using connectors::Failure;
using reconcile::Instant;

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
    alarm_.emplace(std::move(alarm));
}

void Context::fail_one(RefusedPatient patient) {
    if (!concerns_one_patient(patient.error) || refused.size() >= limits::refused_patients) {
        halt(patient.error);
        return;
    }
    const auto id = patient.external_id;
    refused.insert_or_assign(id, std::move(patient));
    const auto taken = report.created + report.updated + report.linked;
    if (taken > 0 || refused.size() < limits::refused_in_a_row) return;
    halted_ = true;
    const auto& error = refused.at(id).error;
    leave_for_later("Medicapp, or a proxy or firewall in front of it, refuses every patient: " +
                    error.what);
}

std::optional<Instant> machine_clock(const Request& request) {
    if (request.wall_clock_ms == 0) return std::nullopt;
    return Instant(std::chrono::milliseconds(request.wall_clock_ms));
}

void Context::note_written(const std::string& medicapp_id, std::optional<Instant> at) {
    if (!at || at <= newest_written_at_) return;
    newest_written_ = medicapp_id;
    newest_written_at_ = at;
}

void Context::note_medicapp_clock(std::optional<Instant> now) {
    if (now) medicapp_clock_ = now;
}

bool concerns_one_patient(const ApiError& error) {
    if (error.failure == Failure::refused || error.alone) return true;
    const bool answered = error.status >= 400 && error.status != 429 && error.status != 503;
    return answered && (error.failure == Failure::unknown || error.failure == Failure::unavailable);
}

log::Event Context::event(const log::EventType& type) const {
    return log::Event(type).with(log::Key::cycle, cycle_id);
}

} // namespace medibridge::sync
