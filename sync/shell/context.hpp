#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/medicapp/medicapp.hpp"
#include "state/database.hpp"
#include "sync/core/common_faults.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/guards.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// What lasts longer than a cycle.
struct Environment {
    connectors::Medicapp& medicapp;
    state::Database& database;
    const reconcile::Digester& digester;
    log::EventLog& log;
    Observer& observer;
    runtime::Clock& clock;
    const runtime::Stop& stop;
    const Settings& settings;
};

/// A running cycle: its environment, what it has seen, and how it is going.
class Context {
  public:
    /// `clocks`: this machine's, and Medicapp's as it goes on to show it.
    Context(Environment environment, Memory& remembered, Request what, std::string id,
            std::set<std::string> names, const reconcile::Clocks& clocks)
        : env(environment),
          memory(remembered),
          request(std::move(what)),
          cycle_id(std::move(id)),
          source_names(std::move(names)),
          rules_{env.digester, env.settings, request, source_names, clocks} {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    Environment env;
    Memory& memory;
    Request request;
    std::string cycle_id;
    std::set<std::string> source_names; ///< of all that are configured
    Observations observations;          ///< what Medicapp showed
    CycleStatus status;
    ChangeCounter changes; ///< of linked patients, until the guard has judged them
    LateChanges late;      ///< those after that

    /// What decisions rest on; as long as the context lives.
    const Rules& rules() const { return rules_; }

    /// The source is not asked any more in this cycle: it is down, or still being read.
    void leave_source(const std::string& name) { silent_.insert(name); }
    bool answers(const std::string& name) const { return !silent_.contains(name); }
    bool hears_all() const { return silent_.empty(); }

    /// Both sides are read completely, whatever was asked for.
    void read_everything() { request.full = true; }

    /// False once the cycle must not go on: asked to stop, or it was halted.
    bool going() const { return !status.halted() && !env.stop.requested(); }

    /// Applies what follows from decisions and answers, here and nowhere else: once the changes are
    /// durable they are logged, counted and told.
    runtime::Task<void> apply(Effects effects);
    /// Logs what was kept back to see whether most patients have it in common; when the cycle ends.
    void log_the_rest();
    /// Heeds the notice at once, and takes it out of the effects, which are applied later.
    void heed(Effects& effects);
    /// Heeds an answer from which nothing else follows.
    void heed(Notice notice) { status.heed(std::move(notice)); }
    /// Heeds an alarm unless all that it has seen is accepted by that consent of the request, which
    /// takes note of it.
    void judge(std::optional<Alarm> alarm, Consent Request::* accepted);

  private:
    runtime::Task<void> make_durable(Effects& effects);
    void log(std::vector<log::Event> events);

    Rules rules_;
    std::set<std::string> silent_;
    CommonFaults faults_;
};

} // namespace medibridge::sync
