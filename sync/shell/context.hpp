#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/medicapp/medicapp.hpp"
#include "state/database.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/rules.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
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
    const runtime::Clock& clock;
    const runtime::Stop& stop;
    const Settings& settings;
};

/// What the cycles of one process remember of each other, so that each thing is said or done once.
struct Memory {
    /// Sources that could not be read: an outage is reported at its start and its end.
    std::unordered_set<std::string> down;
    /// Medicapp patients whose times were not believed.
    std::unordered_set<std::string> unbelieved;
    /// What records said of merges, and a record in use refuted: see Claims. Until a full compare.
    std::unordered_set<std::string> refuted;
    /// Records, by source and digest, that called for a reading of all sources: see Contested.
    std::unordered_set<std::string> asked;
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
    Report report;
    /// Patients whose requests alone were refused, by externalId; settled at the cycle's end.
    std::map<std::string, RefusedPatient> refused;

    /// Patients whose hold, which had stopped all sources, ended by what a source says: the others
    /// are to be asked again.
    std::vector<Released> released;

    /// The next cycle is to read all sources whole.
    bool reread_wanted = false;

    /// What decisions rest on; as long as the context lives.
    const Rules& rules() const { return rules_; }

    /// Applies what follows from decisions and answers, here and nowhere else: once the changes are
    /// durable they are logged, counted and told.
    runtime::Task<void> apply(Effects effects);
    /// Takes the notice out of the effects, which will be applied later, and heeds it at once.
    void heed(Effects& effects);
    /// Whether Medicapp took anything in this cycle.
    bool served() const { return served_; }

    /// What Medicapp says of its own time when it took our newest write: a list that does not show
    /// that patient, later, shows less than was there.
    void note_written(const std::string& medicapp_id, std::optional<reconcile::Instant> at);
    /// It is not there any more, and nothing else speaks for a Medicapp that went back in time.
    void forget_newest_written() {
        newest_written_.clear();
        newest_written_at_.reset();
    }
    const std::string& newest_written() const { return newest_written_; }
    std::optional<reconcile::Instant> newest_written_at() const { return newest_written_at_; }

    /// Both sides are read whole, whatever was asked for.
    void read_whole() { request.full = true; }

    /// False once the cycle must not go on: asked to stop, or Medicapp cannot be used.
    bool going() const { return !halted_ && !env.stop.requested(); }
    /// Something is left for the next cycle; this one goes on with the rest.
    void leave_for_later(const std::string& reason);
    /// Medicapp cannot be used now: the cycle ends as soon as what is under way has ended.
    void halt(const connectors::ApiError& error);
    /// A request about one patient failed with `patient.error`. An answer that concerns this
    /// patient alone is noted, and the cycle goes on with the others; anything else halts it.
    void fail_one(RefusedPatient patient);
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
    Rules rules_;
    bool served_ = false;
    std::string newest_written_;
    std::optional<reconcile::Instant> newest_written_at_;
};

} // namespace medibridge::sync
