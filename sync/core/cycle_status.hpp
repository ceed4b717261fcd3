#pragma once

#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// What the cycles of one process remember of each other, so that each thing is said or done once.
struct Memory {
    /// Sources that could not be read: an outage is reported at its start and its end.
    std::unordered_set<std::string> down;
    /// Medicapp patients whose times were not believed.
    std::unordered_set<std::string> unbelieved;
    /// What records said of merges, and a record in use refuted: see Claims. Until a full compare.
    std::unordered_set<std::string> refuted;
    /// Records that called for a reading of all sources: see Contested.
    std::unordered_set<std::string> asked;
    /// False: that record did so before.
    bool note_asked(const std::string& source, const reconcile::Digest& record) {
        return asked.insert(source + ' ' + reconcile::hex(record)).second;
    }
    /// The guard that stopped the last cycle; empty: none.
    std::string guarded_by;
};

/// What a cycle has come to so far: its report, whether it may go on, and whom it could not serve.
class CycleStatus {
  public:
    const Report& report() const { return report_; }
    /// Whether it must end: Medicapp cannot be used, or a guard has seen something.
    bool halted() const { return halted_; }
    /// The guard that stopped the cycle, if one did.
    const std::optional<Alarm>& alarm() const { return alarm_; }
    /// Whether Medicapp took anything in this cycle.
    bool served() const { return served_; }
    /// Patients whose requests alone were refused, by externalId; settled at the cycle's end.
    const std::map<std::string, RefusedPatient>& refused() const { return refused_; }
    /// Patients whose hold, which had stopped all sources, ended by what a source says: the others
    /// are asked again.
    const std::vector<Released>& released() const { return released_; }
    /// Whether the next cycle is to read all sources completely.
    bool wants_reread() const { return wants_reread_; }

    /// What Medicapp says of its own time when it took our newest write: a list that does not show
    /// that patient, later, shows less than was there. Nothing: none is known.
    const std::optional<Written>& newest_write() const { return newest_write_; }
    void note_written(const Written& written);
    /// It is not there any more, and nothing else says that Medicapp went back in time.
    void forget_newest_write() { newest_write_.reset(); }

    /// Whether it may be tried out which optional field of a patient Medicapp refuses; a cycle has
    /// a limited number of tries, in case Medicapp refuses everything.
    bool may_probe() { return probes_++ < limits::refused_field_probes; }

    /// What an answer says of the rest of the cycle.
    void heed(Notice notice);
    /// That Medicapp took these writes counts at once, too.
    void note_served(const Tally& counts) { served_ = served_ || counts.served() > 0; }
    /// Takes in what has become durable.
    void take(Effects& applied);

  private:
    void leave_for_later(const std::string& reason);
    void halt(const connectors::ApiError& error);
    void refuse_credentials(const std::string& reason);
    void sound(Alarm alarm);
    void refuse(RefusedPatient patient);

    Report report_;
    bool halted_ = false;
    bool served_ = false;
    bool wants_reread_ = false;
    int probes_ = 0;
    std::optional<Alarm> alarm_;
    std::map<std::string, RefusedPatient> refused_;
    std::vector<Released> released_;
    std::optional<Written> newest_write_;
};

/// What is logged at the end. A guard is reported when it first stops a cycle, and when the first
/// one after it is complete; a cycle that the same guard stops again is not reported.
Effects report_end(const CycleStatus& status, Memory& memory, std::chrono::milliseconds duration);

/// Whether the answer may concern one patient alone: somebody answered, and neither refused the
/// credentials nor asked to be left alone.
bool concerns_one_patient(const connectors::ApiError& error);

} // namespace medibridge::sync
