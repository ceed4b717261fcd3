#pragma once

#include "connectors/medicapp/medicapp.hpp"
#include "log/event.hpp"
#include "reconcile/digest.hpp"
#include "runtime/clock.hpp"
#include "sync/database.hpp"
#include "sync/report.hpp"
#include "sync/settings.hpp"

#include <optional>
#include <string>

namespace medibridge::sync {

/// What lasts longer than a cycle.
struct Environment {
    connectors::Medicapp& medicapp;
    Database& database;
    const reconcile::Digester& digester;
    log::EventLog& log;
    Observer& observer;
    const runtime::Clock& clock;
    const runtime::Stop& stop;
    const Settings& settings;
};

/// What a guard has seen.
struct Alarm {
    const log::EventType& type;
    std::string source; ///< empty: Medicapp, or no side by itself
    std::string fields; ///< comma-separated; empty: none
    std::string reason; ///< what was seen, and what to do
};

/// One cycle's surroundings and its result so far.
class Context {
  public:
    Context(Environment environment, Request what, std::string id)
        : env(environment),
          request(std::move(what)),
          cycle_id(std::move(id)) {}

    Environment env;
    Request request;
    std::string cycle_id;
    Report report;

    /// False once the cycle must not go on: asked to stop, or Medicapp cannot be used.
    bool going() const { return !halted_ && !env.stop.requested(); }
    /// Something is left for the next cycle; this one goes on with the rest.
    void leave_for_later(const std::string& reason);
    /// Medicapp cannot be used now: the cycle ends as soon as what is under way has ended.
    void halt(const connectors::ApiError& error);
    /// The same for a source that refuses its credentials; the other sources go on.
    void refuse_credentials(const std::string& reason);
    /// A guard has seen something implausible: the cycle ends before its first write.
    void guard(Alarm alarm);

    /// Whether it may be tried out which optional field of a patient Medicapp refuses; a cycle has
    /// a limited number of tries, in case Medicapp refuses everything.
    bool may_probe() { return probes_++ < limits::refused_field_probes; }

    /// The guard that stopped the cycle, if one did.
    const std::optional<Alarm>& alarm() const { return alarm_; }

    /// An event that carries this cycle's id.
    log::Event event(const log::EventType& type) const;
    void write(const log::Event& event) const { env.log.write(event); }

  private:
    bool halted_ = false;
    int probes_ = 0;
    std::optional<Alarm> alarm_;
};

} // namespace medibridge::sync
