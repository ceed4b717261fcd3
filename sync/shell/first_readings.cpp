#include "sync/shell/first_readings.hpp"

#include "sync/shell/context.hpp"

#include <boost/asio/co_spawn.hpp>
#include <iterator>
#include <utility>

namespace medibridge::sync {

namespace asio = boost::asio;
using reconcile::Assessed;
using runtime::Task;

namespace {

/// What was read longer ago is not how the source is.
constexpr std::chrono::minutes longest_age{5};
/// How long refused credentials are left alone before they are tried again: many a server locks an
/// account that is refused again and again.
constexpr std::chrono::minutes credentials_pause{5};

void append_page(std::vector<Assessed>& records, std::vector<Assessed> page) {
    if (records.empty()) {
        records = std::move(page);
        return;
    }
    records.insert(records.end(), std::make_move_iterator(page.begin()),
                   std::make_move_iterator(page.end()));
}

bool same_reading(const SurveyPlan& a, const SurveyPlan& b) {
    return a.scope.is_whole() == b.scope.is_whole() && a.scope.from() == b.scope.from() &&
           a.anchor == b.anchor;
}

} // namespace

Task<FirstReading> read_first(SourcePass pass, const reconcile::IdentityPolicy& policy,
                              std::function<bool()> going) {
    FirstReading reading(std::move(pass));
    while (going() && reading.pass.state() == SourcePass::State::reading &&
           reading.records.size() < limits::surveyed_records) {
        auto page = co_await reading.pass.next(policy);
        append_page(reading.records, std::move(page));
    }
    reading.records = merge_duplicates(std::move(reading.records));
    co_return reading;
}

struct FirstReadings::Entry {
    Entry(const Environment& its_environment, connectors::Source& its_source)
        : source(&its_source),
          clock(&its_environment.clock),
          stop(&its_environment.stop),
          policy(&its_environment.settings.identity) {}

    connectors::Source* source;
    runtime::Clock* clock;
    const runtime::Stop* stop;
    const reconcile::IdentityPolicy* policy;
    SurveyPlan plan;
    std::optional<reconcile::Instant> machine_clock;
    bool asked_again = false; ///< for another plan, while it is read
    bool reading = false;
    bool wanted = false;  ///< by the cycle that runs
    bool is_left = false; ///< a cycle has gone on without it, or will
    bool waited_for = false;
    std::optional<connectors::SourceError> failure; ///< of the last reading that was taken
    std::optional<FirstReading> result;
    std::exception_ptr error;
    runtime::TimePoint begun_at{};
    runtime::TimePoint ended_at{};
    std::shared_ptr<runtime::Signal> ended; ///< while it is read
    std::function<void()> on_late;

    bool is_read() const { return result || error; }
};

Task<void> FirstReadings::read(std::shared_ptr<Entry> entry) {
    std::function<bool()> going = [stop = entry->stop] { return !stop->requested(); };
    do {
        entry->asked_again = false;
        SourcePass pass(*entry->source, entry->plan.scope, entry->machine_clock,
                        entry->plan.anchor);
        if (entry->plan.remembers_times) pass.remember_times();
        entry->result = co_await read_first(std::move(pass), *entry->policy, going);
    } while (entry->asked_again && going());
}

void FirstReadings::begin(const asio::any_io_executor& executor, const Environment& environment,
                          connectors::Source& source, const SurveyPlan& plan,
                          const Request& request) {
    const auto found = entries_.find(source.name());
    const auto entry =
        found != entries_.end()
            ? found->second
            : entries_.emplace(source.name(), std::make_shared<Entry>(environment, source))
                  .first->second;
    const bool same = same_reading(entry->plan, plan);
    entry->on_late = on_late_;
    entry->wanted = true;
    if (entry->reading) {
        if (same) return;
        entry->plan = plan;
        entry->machine_clock = machine_clock(request);
        entry->asked_again = true;
        return;
    }
    const auto age = environment.clock.now() - entry->ended_at;
    if (entry->is_read() && same && age <= longest_age) return;
    const bool refused =
        entry->failure && entry->failure->kind == connectors::SourceError::Kind::unauthorized;
    if (refused && request.patience && age < credentials_pause) return;
    entry->result.reset();
    entry->error = nullptr;
    entry->plan = plan;
    entry->machine_clock = machine_clock(request);
    entry->ended = std::make_shared<runtime::Signal>(executor);
    entry->is_left = entry->is_left || entry->failure;
    entry->begun_at = environment.clock.now();
    auto on_end = [entry](std::exception_ptr error) {
        entry->error = std::move(error);
        entry->reading = false;
        entry->ended_at = entry->clock->now();
        std::exchange(entry->ended, nullptr)->notify();
        const bool useful =
            entry->result && entry->result->pass.state() != SourcePass::State::failed;
        if (entry->is_left && useful && entry->on_late) entry->on_late();
        if (entry->waited_for) entry->clock->wake();
    };
    asio::co_spawn(executor, read(entry), std::move(on_end));
    entry->reading = true; // only now: what was not begun does not end
}

std::shared_ptr<FirstReadings::Entry> FirstReadings::awaited(bool with_slow) const {
    for (const auto& [name, entry] : entries_) {
        if (entry->wanted && entry->reading && (with_slow || !entry->is_left)) return entry;
    }
    return nullptr;
}

Task<void> FirstReadings::wait(const Environment& environment,
                               std::optional<std::chrono::milliseconds> patience) {
    if (!patience) {
        while (const auto entry = awaited(true)) {
            const auto ended = entry->ended;
            co_await ended->wait();
        }
        co_return;
    }
    auto& clock = environment.clock;
    const auto until = clock.now() + *patience;
    while (const auto entry = awaited(false)) {
        if (clock.now() >= until || environment.stop.requested()) break;
        entry->waited_for = true;
        co_await clock.sleep_until(until);
        entry->waited_for = false;
    }
}

std::optional<FirstReading> FirstReadings::take(const std::string& source) {
    const auto& entry = entries_.at(source);
    entry->wanted = false;
    if (entry->reading || !entry->is_read()) {
        entry->is_left = true;
        return std::nullopt;
    }
    if (entry->error) std::rethrow_exception(std::exchange(entry->error, nullptr));
    auto reading = std::exchange(entry->result, std::nullopt);
    entry->failure.reset();
    if (reading->pass.state() == SourcePass::State::failed) entry->failure = reading->pass.error();
    // Who was slow is not waited for the next time.
    entry->is_left = entry->ended_at - entry->begun_at > limits::source_patience;
    return reading;
}

std::optional<connectors::SourceError>
FirstReadings::last_failure(const std::string& source) const {
    return entries_.at(source)->failure;
}

Task<void> FirstReadings::drain() {
    for (const auto& [name, shared] : entries_) {
        const auto entry = shared;
        while (entry->reading) {
            const auto ended = entry->ended;
            co_await ended->wait();
        }
    }
}

} // namespace medibridge::sync
