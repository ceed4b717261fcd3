#include "sync/context.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::ApiError;
using connectors::Failure;

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

log::Event Context::event(const log::EventType& type) const {
    return log::Event(type).with(log::Key::cycle, cycle_id);
}

} // namespace medibridge::sync
