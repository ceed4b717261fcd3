#include "sync/synchroniser.hpp"

#include "log/catalogue.hpp"
#include "sync/cycle.hpp"

#include <utility>

namespace medibridge::sync {

using log::Key;
using runtime::Task;

namespace {

const log::EventType& end_of_cycle(Outcome outcome) {
    switch (outcome) {
    case Outcome::complete:
        return log::events::cycle_finished;
    case Outcome::guarded:
        return log::events::cycle_guarded;
    case Outcome::incomplete:
    case Outcome::unauthorized:
        return log::events::cycle_incomplete;
    }
    return log::events::cycle_incomplete;
}

void report_end(const Context& context, runtime::Duration duration) {
    const auto& report = context.report;
    auto event =
        context.event(end_of_cycle(report.outcome)).with(Key::duration_ms, duration.count());
    if (!report.reason.empty()) event.add(Key::reason, report.reason);
    context.write(std::move(event)
                      .with(Key::created, report.created)
                      .with(Key::updated, report.updated)
                      .with(Key::linked, report.linked)
                      .with(Key::unchanged, report.unchanged)
                      .with(Key::held, report.held)
                      .with(Key::deferred, report.deferred));
}

} // namespace

Task<Report> Synchroniser::run(Request request) {
    std::vector<connectors::Source*> sources;
    for (auto* source : sources_) {
        if (request.only_source.empty() || source->name() == request.only_source) {
            sources.push_back(source);
        }
    }
    Context context(env_, std::move(request), std::to_string(++cycles_));
    context.write(context.event(log::events::cycle_started));
    const auto started = env_.clock.now();
    Cycle cycle(context, std::move(sources), down_);
    co_await cycle.run();
    if (env_.stop.requested()) context.leave_for_later("asked to stop");
    report_end(context, env_.clock.now() - started);
    co_return context.report;
}

} // namespace medibridge::sync
