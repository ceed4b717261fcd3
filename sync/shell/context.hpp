#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/medicapp/medicapp.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/identity_drift.hpp"
#include "state/database.hpp"
#include "sync/core/report.hpp"
#include "sync/core/settings.hpp"

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

/// This machine's clock; nothing: not known.
std::optional<reconcile::Instant> machine_clock(const Request& request);

/// A patient whose requests alone were refused in this cycle: see HoldReason::refused_by_server.
struct RefusedPatient {
    RefusedPatient() = default;
    /// Where no record was to be written: a linked patient could not be read, or not be renamed.
    RefusedPatient(const state::Link& link, connectors::ApiError answer)
        : external_id(link.external_id),
          source(link.source),
          medicapp_id(link.medicapp_id),
          error(std::move(answer)) {}

    std::string external_id;
    std::string source;
    std::string medicapp_id;
    reconcile::Digest record{}; ///< of the HIS's record that was to be written
    connectors::ApiError error;
};

/// One cycle's surroundings and its result so far.
class Context {
  public:
    Context(Environment environment, Memory& remembered, Request what, std::string id,
            std::set<std::string> names)
        : env(environment),
          memory(remembered),
          request(std::move(what)),
          cycle_id(std::move(id)),
          source_names(std::move(names)) {}

    Environment env;
    Memory& memory;
    Request request;
    std::string cycle_id;
    std::set<std::string> source_names; ///< of all that are configured
    Report report;
    /// Patients whose requests alone were refused, by externalId; settled at the cycle's end.
    std::map<std::string, RefusedPatient> refused;

    /// Patients whose hold, which had stopped all sources, ended by what a source says: the others
    /// are to be asked again. ExternalId and that source.
    std::vector<std::pair<std::string, std::string>> released;

    /// The next cycle is to read all sources whole.
    bool reread_wanted = false;

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

    /// This machine's clock, and Medicapp's as it showed it last.
    reconcile::Clocks clocks() const { return {machine_clock(request), medicapp_clock_}; }
    void note_medicapp_clock(std::optional<reconcile::Instant> now);

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
    std::optional<reconcile::Instant> medicapp_clock_;
    std::string newest_written_;
    std::optional<reconcile::Instant> newest_written_at_;
};

/// Whether the answer may concern one patient alone: somebody answered, and neither refused the
/// credentials nor asked to be left alone.
bool concerns_one_patient(const connectors::ApiError& error);

} // namespace medibridge::sync
