#include "sync/shell/synchroniser.hpp"

#include "base/log/catalogue.hpp"
#include "sync/shell/cycle.hpp"

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

/// Names a guard and what it is about.
std::string name_of(const Alarm& alarm) {
    const std::string name(alarm.type.name);
    return alarm.source.empty() ? name : name + " of " + alarm.source;
}

} // namespace

/// A guard is reported when it first stops a cycle, and when the first one after it is complete.
void Synchroniser::report_guards(const Context& context) {
    const auto& alarm = context.alarm();
    if (alarm) {
        auto event = context.event(alarm->type);
        if (!alarm->source.empty()) event.add(Key::source, alarm->source);
        if (!alarm->fields.empty()) event.add(Key::fields, alarm->fields);
        context.write(std::move(event).with(Key::reason, alarm->reason));
        guarded_by_ = name_of(*alarm);
    } else if (!guarded_by_.empty() && context.report.outcome == Outcome::complete) {
        context.write(context.event(log::events::guard_lifted).with(Key::reason, guarded_by_));
        guarded_by_.clear();
    }
}

void Synchroniser::report_end(const Context& context, runtime::Duration duration) {
    const auto& alarm = context.alarm();
    if (alarm && name_of(*alarm) == guarded_by_) return;
    report_guards(context);
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

std::set<std::string> Synchroniser::source_names() const {
    std::set<std::string> names;
    for (const auto* source : sources_)
        names.insert(source->name());
    return names;
}

Task<Inquiry> Synchroniser::inquire(std::string key, std::int64_t wall_clock_ms) {
    Request request;
    request.wall_clock_ms = wall_clock_ms;
    const auto names = source_names();
    const reconcile::Clocks clocks{machine_clock(request), {}};
    const Rules rules{env_.digester, env_.settings, request, names, clocks};
    co_return co_await sync::inquire(env_, rules, sources_, std::move(key));
}

Task<std::string> Synchroniser::decide(Order order, std::int64_t wall_clock_ms) {
    Request request;
    request.wall_clock_ms = wall_clock_ms;
    const auto names = source_names();
    const reconcile::Clocks clocks{machine_clock(request), {}};
    const Rules rules{env_.digester, env_.settings, request, names, clocks};
    co_return co_await take_decision(env_, rules, sources_, std::move(order));
}

Task<Report> Synchroniser::run(Request request) {
    std::vector<connectors::Source*> sources;
    for (auto* source : sources_) {
        if (request.only_source.empty() || source->name() == request.only_source) {
            sources.push_back(source);
        }
    }
    auto names = source_names();
    reconcile::Clocks clocks{machine_clock(request), {}};
    BelievedMedicapp medicapp(env_.medicapp, env_.log, clocks, memory_.unbelieved);
    const Environment environment{medicapp,      env_.database, env_.digester, env_.log,
                                  env_.observer, env_.clock,    env_.stop,     env_.settings};
    if (request.full) memory_.refuted.clear();
    Context context(environment, memory_, std::move(request), std::to_string(++cycles_),
                    std::move(names), clocks);
    context.write(context.event(log::events::cycle_started));
    const auto started = env_.clock.now();
    Cycle cycle(context, std::move(sources));
    co_await cycle.run();
    if (env_.stop.requested()) context.leave_for_later("asked to stop");
    report_end(context, env_.clock.now() - started);
    co_return context.report;
}

} // namespace medibridge::sync
