#include "connectors/medicapp/condition.hpp"

#include "base/log/catalogue.hpp"
#include "connectors/medicapp/events.hpp"

#include <utility>

namespace medibridge::connectors {

using log::Event;

namespace {

/// Retries handle fewer failures in a row.
constexpr int failures_of_an_outage = 3;
/// Refusals that are further apart than this belong to two episodes.
constexpr runtime::Duration quiet_between_episodes{600'000};

Event with_answer(Event event, const ApiError& error) {
    if (error.status != 0)
        event = std::move(event).with(log::Key::status, std::int64_t{error.status});
    if (!error.request_id.empty()) {
        event = std::move(event).with(log::Key::request_id, error.request_id);
    }
    return std::move(event).with(log::Key::reason, error.what);
}

} // namespace

void Condition::answered(runtime::TimePoint at) {
    figures_->note_answered();
    const auto silent_since = std::exchange(silent_since_, std::nullopt);
    const auto since = silent_since ? silent_since : failing_since_;
    failing_since_.reset();
    if (!since) return;
    const auto lasted = at - *since;
    if (!std::exchange(outage_reported_, false)) return;
    Event event(events::medicapp_recovered);
    log_.write(std::move(event).with(log::Key::duration_ms, std::int64_t{lasted.count()}));
}

void Condition::failed(const ApiError& error, int in_a_row, runtime::TimePoint at) {
    figures_->note_failed(error.what);
    if (!failing_since_) failing_since_ = at;
    if (in_a_row >= failures_of_an_outage) report_outage(error);
}

void Condition::gave_up(const ApiError& error) {
    report_outage(error);
}

void Condition::silent(std::string what, runtime::TimePoint since) {
    if (outage_reported_) return;
    silent_since_ = since;
    ApiError error;
    error.what = std::move(what);
    report_outage(error);
}

void Condition::report_outage(const ApiError& error) {
    if (std::exchange(outage_reported_, true)) return;
    log_.write(with_answer(Event(events::medicapp_unavailable), error));
}

void Condition::rate_limited(runtime::Duration pause, runtime::TimePoint at) {
    const bool same_episode =
        last_rate_limited_ && at - *last_rate_limited_ < quiet_between_episodes;
    last_rate_limited_ = at;
    if (same_episode) return;
    Event event(events::medicapp_rate_limited);
    log_.write(std::move(event).with(log::Key::delay_ms, std::int64_t{pause.count()}));
}

void Condition::unauthorized(const ApiError& error) {
    credentials_ = Credentials::refused;
    refusal_ = error;
    if (std::exchange(refusal_reported_, true)) return;
    log_.write(with_answer(Event(log::events::auth_refused), error));
}

void Condition::authorized() {
    // An answer to what was sent before the refusal does not lift it.
    if (credentials_ == Credentials::refused) return;
    credentials_ = Credentials::accepted;
    if (!std::exchange(refusal_reported_, false)) return;
    log_.write(Event(events::auth_accepted));
}

void Condition::try_credentials() {
    if (credentials_ == Credentials::refused) credentials_ = Credentials::on_trial;
}

} // namespace medibridge::connectors
