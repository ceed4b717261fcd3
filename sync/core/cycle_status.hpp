#pragma once

#include "base/bytes/id_set.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace medibridge::sync {

/// What one cycle leaves to the next in the same process, so that each thing is logged or done
/// once.
struct Memory {
    /// Sources that could not be read: an outage is reported at its start and its end.
    std::unordered_set<std::string> down;
    /// Medicapp patients whose times were not believed.
    std::unordered_set<std::string> unbelieved;
    /// Claims of merges that a record in use has refuted: see Claims. Kept until a full compare.
    std::unordered_set<std::string> refuted;
    /// Records that called for a reading of all sources: see Contested.
    std::unordered_set<std::string> asked;
    /// False: that record did so before.
    bool note_asked(const std::string& source, const reconcile::Digest& record) {
        return asked.insert(source + ' ' + reconcile::hex(record)).second;
    }
    /// Patients whose changes came up too late to be judged, and are left: the next cycle's guard
    /// counts them, whatever the survey alone would say.
    base::IdSet left_unjudged;
    /// The claims of merges that a guard has looked at: see Claims. They are not looked at again as
    /// long as they are the same.
    std::uint64_t looked_at_claims = 0;
    /// The guard that stopped the last cycle; empty: none.
    std::string guarded_by;
    /// Why the last cycle was not complete; empty: it was. Nothing: none has ended.
    std::optional<std::string> trouble;
    bool checked_rows = false; ///< the state's rows were checked since the process began
};

/// The state of a running cycle: its report, whether it may go on, and whom it could not serve.
class CycleStatus {
  public:
    const Report& report() const { return report_; }
    /// Whether it must end: Medicapp cannot be used, or a guard has seen something.
    bool halted() const { return report_.halted; }
    /// The guard that stopped the cycle, if one did.
    const std::optional<Alarm>& alarm() const { return alarm_; }
    /// Whether Medicapp took anything in this cycle.
    bool served() const { return served_; }
    /// Patients whose requests were refused, by externalId; settled at the end of the cycle.
    const std::map<std::string, RefusedPatient>& refused() const { return refused_; }
    /// Patients whose hold had stopped all sources, and has ended: the other sources are asked
    /// again.
    const std::vector<Released>& released() const { return released_; }
    /// Whether the next cycle is to read all sources completely.
    bool wants_reread() const { return wants_reread_; }

    /// Our newest write, with the time that Medicapp gave it. A later list without that patient
    /// shows less than there was. Nothing: no write is known.
    const std::optional<Written>& newest_write() const { return newest_write_; }
    void note_written(const Written& written);
    /// That patient is gone, and nothing else shows that Medicapp went back in time.
    void forget_newest_write() { newest_write_.reset(); }

    /// Whether we may try out which optional field of a patient Medicapp refuses. A cycle has a
    /// limited number of tries, in case Medicapp refuses everything.
    bool may_probe() { return probes_++ < limits::refused_field_probes; }

    /// Takes note of what an answer means for the rest of the cycle.
    void heed(Notice notice);
    /// Medicapp accepted these writes: that, too, counts before they are durable.
    void note_served(const Tally& counts) { served_ = served_ || counts.served() > 0; }
    /// Adds what has become durable.
    void take(Effects& applied);

  private:
    void leave_for_later(const std::string& reason);
    void halt(const connectors::ApiError& error);
    void refuse_credentials(const std::string& reason);
    void note_misdirected();
    void sound(Alarm alarm);
    void refuse(RefusedPatient patient);

    Report report_;
    bool served_ = false;
    bool wants_reread_ = false;
    int probes_ = 0;
    std::optional<Alarm> alarm_;
    std::map<std::string, RefusedPatient> refused_;
    int misdirected_ = 0; ///< writes whose answers showed another patient
    std::vector<Released> released_;
    std::optional<Written> newest_write_;
};

/// Why a cycle is not complete that was asked to stop.
inline constexpr const char* interrupted = "interrupted by a stop, a reload or the deadline";

/// All that is held when a cycle ends, by whichever cycle.
struct StillHeld {
    std::int64_t to_decide = 0;
    std::int64_t excluded = 0;
};

/// What is logged at the end. A guard is reported when it first stops a cycle, and when the first
/// one after it is complete; a cycle that the same guard stops again is not reported. A cycle that
/// did nothing after a complete one, or is incomplete for the same reason again, is told at
/// `debug`, unless somebody asked for it.
Effects report_end(const CycleStatus& status, Memory& memory, std::chrono::milliseconds duration,
                   const StillHeld& still_held, bool by_itself = false);

/// Whether the answer may concern this patient only: the server answered, did not refuse the
/// credentials, and did not ask us to wait.
bool concerns_one_patient(const connectors::ApiError& error);

} // namespace medibridge::sync
