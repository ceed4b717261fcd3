#pragma once

#include "connectors/medicapp/medicapp.hpp"
#include "log/event.hpp"
#include "reconcile/digest.hpp"
#include "runtime/clock.hpp"
#include "sync/database.hpp"
#include "sync/report.hpp"
#include "sync/settings.hpp"

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
    void guard(const std::string& reason);

    /// Whether it may be tried out which optional field of a patient Medicapp refuses; a cycle has
    /// a limited number of tries, in case Medicapp refuses everything.
    bool may_probe() { return probes_++ < limits::refused_field_probes; }

    /// An event that carries this cycle's id.
    log::Event event(const log::EventType& type) const;
    void write(const log::Event& event) const { env.log.write(event); }

  private:
    bool halted_ = false;
    int probes_ = 0;
};

} // namespace medibridge::sync
