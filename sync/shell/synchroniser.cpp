#include "sync/shell/synchroniser.hpp"

#include "base/log/catalogue.hpp"
#include "sync/core/progress.hpp"
#include "sync/core/unread_inboxes.hpp"
#include "sync/shell/acceptance.hpp"
#include "sync/shell/cycle.hpp"
#include "sync/shell/medicapp_decorators.hpp"

#include <exception>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace medibridge::sync {

using runtime::Task;

namespace {

/// True as long as it lives.
class Raised {
  public:
    explicit Raised(bool& flag) : flag_(&flag) { flag = true; }
    ~Raised() { *flag_ = false; }
    Raised(const Raised&) = delete;
    Raised& operator=(const Raised&) = delete;

  private:
    bool* flag_;
};

/// Points to the cycle as long as it lives.
class Pointed {
  public:
    Pointed(Context*& pointer, Context& cycle) : pointer_(&pointer) { pointer = &cycle; }
    ~Pointed() { *pointer_ = nullptr; }
    Pointed(const Pointed&) = delete;
    Pointed& operator=(const Pointed&) = delete;

  private:
    Context** pointer_;
};

} // namespace

std::set<std::string> Synchroniser::source_names() const {
    std::set<std::string> names;
    for (const auto* source : sources_)
        names.insert(source->name());
    return names;
}

Task<Inquiry> Synchroniser::inquire(Sides sides, std::string key, std::int64_t wall_clock_ms) {
    Request request;
    request.wall_clock_ms = wall_clock_ms;
    const auto names = source_names();
    const reconcile::Clocks clocks{machine_clock(request), {}};
    const Rules rules{env_.digester, env_.settings, request, names, clocks};
    co_return co_await sync::inquire(env_, rules, std::move(sides), std::move(key));
}

Task<std::string> Synchroniser::decide(Sides sides, Order order, std::int64_t wall_clock_ms) {
    Request request;
    request.wall_clock_ms = wall_clock_ms;
    const auto names = source_names();
    const reconcile::Clocks clocks{machine_clock(request), {}};
    const Rules rules{env_.digester, env_.settings, request, names, clocks};
    co_return co_await take_decision(env_, rules, std::move(sides), std::move(order), runs_);
}

/// A guard that stopped a former process stands until a cycle is complete.
Task<void> Synchroniser::recall_guard() {
    if (std::exchange(guard_recalled_, true)) co_return;
    auto job = [](state::Store& store) {
        return std::pair(guards_from(store.meta(guarded_by_key)),
                         Acceptance(store.meta(accepted_key)));
    };
    std::tie(memory_.guarded_by, memory_.accepted) = co_await env_.database.run(std::move(job));
}

void Synchroniser::note_outage(const std::string& source, const std::string& what) {
    for (const auto& event :
         source_failed(memory_, source, SourceTrouble::unavailable, what).events)
        env_.log.write(event);
}

/// Once for each configuration.
Task<void> Synchroniser::tell_unread(Context& context) {
    if (std::exchange(unread_told_, true)) co_return;
    auto job = [](state::Store& store) { return store.waiting_inboxes(); };
    const auto waiting = co_await env_.database.run(std::move(job));
    co_await context.apply(report_unread(unread_inboxes(waiting, source_names())));
}

std::optional<reconcile::Instant> Synchroniser::medicapp_clock() const {
    const auto& [shown, at] = medicapp_clock_;
    if (!shown) return std::nullopt;
    return *shown + std::chrono::duration_cast<std::chrono::milliseconds>(env_.clock.now() - at);
}

void Synchroniser::end_cycle(const std::string& why) {
    if (running_ && !running_->request.plan) running_->status.end_early(why);
}

Task<Report> Synchroniser::run(Request request) {
    const Raised runs(runs_);
    std::vector<connectors::Source*> sources;
    for (auto* source : sources_) {
        if (request.only_source.empty() || source->name() == request.only_source) {
            sources.push_back(source);
        }
    }
    auto names = source_names();
    reconcile::Clocks clocks{machine_clock(request), {}};
    if (request.only_arrivals) clocks.server = medicapp_clock();
    BelievedMedicapp medicapp(env_.medicapp, env_.log, clocks, memory_.unbelieved);
    const Environment environment{medicapp,      env_.database, env_.digester, env_.log,
                                  env_.observer, env_.clock,    env_.stop,     env_.settings};
    co_await recall_guard();
    memory_.accepted.lend_to(
        request, accepted_configuration({env_.digester, env_.settings, request, names, clocks}));
    if (request.full) {
        memory_.refuted.clear();
        memory_.told_refuted.clear();
    }
    cycles_ = request.number == 0 ? cycles_ + 1 : request.number;
    Context context(environment, memory_, std::move(request), std::to_string(cycles_),
                    std::move(names), clocks);
    const Pointed points(running_, context);
    Effects start;
    start.events.emplace_back(log::events::cycle_started);
    co_await context.apply(std::move(start));
    co_await tell_unread(context);
    co_await keep_acceptance(context, false);
    const auto started = env_.clock.now();
    std::exception_ptr error;
    try {
        Cycle cycle(context, sources, first_readings_);
        co_await cycle.run();
    } catch (...) {
        error = std::current_exception();
    }
    if (!context.request.patience) co_await first_readings_.drain();
    context.log_the_rest();
    if (!context.request.only_arrivals) medicapp_clock_ = {clocks.server, env_.clock.now()};
    if (error) {
        memory_.takes_arrivals = false;
        std::rethrow_exception(error);
    }
    if (env_.stop.requested()) context.heed({.left = interrupted});
    const auto& done = context.status.report();
    const bool counts =
        !context.request.only_arrivals || done.outcome != Outcome::complete || done.held > 0;
    if (counts) {
        auto count = [](state::Store& store) {
            const auto waiting = store.waiting();
            return StillHeld{waiting.to_decide, waiting.excluded};
        };
        memory_.still_held = co_await env_.database.run(std::move(count));
    }
    co_await context.apply(report_end(context.status, memory_, context.request,
                                      env_.clock.now() - started, memory_.still_held));
    const bool ended = context.status.report().outcome == Outcome::complete;
    co_await keep_acceptance(context, ended);
    auto report = context.status.report();
    for (auto& alarm : report.alarms) {
        alarm.mapping_accepted = context.request.accept_mapping;
        alarm.rewind_accepted = context.request.accept_rewind;
        alarm.space_accepted = context.request.accept_space;
    }
    co_return report;
}

} // namespace medibridge::sync
