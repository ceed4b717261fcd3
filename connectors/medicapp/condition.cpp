#include "connectors/medicapp/condition.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/concurrency.hpp"
#include "connectors/medicapp/events.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

namespace medibridge::connectors {

namespace asio = boost::asio;
using log::Event;
using runtime::Task;
using runtime::TimePoint;

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
    if (!failing_since_) return;
    const auto lasted = at - *failing_since_;
    failing_since_.reset();
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

/// A caller that waits for the read of another.
struct PlainRead::Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : called(executor) {}
    runtime::Signal called;
    bool over = false;
};

/// The time during which the read is under way, however it ends.
class PlainRead::Asking {
  public:
    explicit Asking(PlainRead& read) : read_(read) { read_.asking_ = true; }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking() {
        read_.asking_ = false;
        for (auto* const waiting : read_.waiting_) {
            waiting->over = true;
            waiting->called.notify();
        }
        read_.waiting_.clear();
    }

  private:
    PlainRead& read_;
};

Task<std::optional<ApiError>> PlainRead::ask(TimePoint since) {
    const auto executor = co_await asio::this_coro::executor;
    while (asking_) {
        Waiting waiting(executor);
        waiting_.push_back(&waiting);
        while (!waiting.over) {
            co_await waiting.called.wait();
        }
        if (failure_) co_return failure_;
    }
    if (!failure_ && served_ && *served_ >= since) co_return std::nullopt;
    const Asking asking(*this);
    const auto asked = clock_.now();
    failure_ = co_await send_();
    if (!failure_) served_ = asked;
    co_return failure_;
}

} // namespace medibridge::connectors
