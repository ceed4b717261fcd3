#pragma once

#include "base/bytes/id_map.hpp"
#include "base/bytes/id_set.hpp"
#include "sync/core/acceptance.hpp"
#include "sync/core/arrivals.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/formers.hpp"
#include "sync/core/settings.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace medibridge::sync {

/// All that is held when a cycle ends, by whichever cycle.
struct StillHeld {
    std::int64_t to_decide = 0;
    std::int64_t excluded = 0;
};

/// Whose record in use stands against the claim of a merge.
struct Refutation {
    std::string source;
    std::optional<reconcile::Instant> at; ///< the record's time, if it arrived with one
};

/// What one cycle leaves to the next in the same process, so that each thing is logged or done
/// once.
struct Memory {
    /// Sources that could not be read: an outage is reported at its start and its end.
    std::unordered_set<std::string> down;
    /// Medicapp patients whose times were not believed.
    std::unordered_set<std::string> unbelieved;
    /// Claims of merges that a record in use has refuted: see Claims. Kept until a full compare.
    std::unordered_map<std::string, Refutation> refuted;
    /// Of those, whichever were told because another source refuted them.
    std::unordered_set<std::string> told_refuted;
    /// Who is to get another externalId as soon as that is free; not known before the first cycle.
    Formers formers;
    bool formers_known = false;
    /// Records that called for a reading of all sources since their patient was last decided about
    /// with everything at hand, by externalId: see Contested.
    std::map<std::string, std::set<std::pair<std::string, reconcile::Digest>>> asked;
    /// Of those, what this cycle added: it counts once the cycle's call is durable.
    std::vector<std::pair<std::string, std::pair<std::string, reconcile::Digest>>> asked_now;
    /// False: that record did so before.
    bool note_asked(const std::string& external_id, const std::string& source,
                    const reconcile::Digest& record);
    void keep_asked() { asked_now.clear(); }
    /// The cycle ended without its call: the record calls again when it is seen next.
    void withdraw_asked();
    /// How Medicapp patients, or one record of several, looked when the HIS's present record was
    /// last wanted because of that, by what it was wanted for.
    std::map<std::string, reconcile::Digest> looks;
    /// False: they looked like that then, and the record that was wanted has been read.
    bool note_look(const std::string& purpose, const reconcile::Digest& look) {
        const auto [last, is_new] = looks.try_emplace(purpose, look);
        // A cycle that was not complete may not have read it.
        const bool may_be_unread = !trouble || !trouble->empty();
        return std::exchange(last->second, look) != look || is_new || may_be_unread;
    }
    /// Patients whose changes came up too late to be judged, and are left: the next cycle's guard
    /// counts them, whatever the survey alone would say.
    base::IdSet left_unjudged;
    /// The claims of merges that a guard has looked at: see Claims. They are not looked at again as
    /// long as they are the same.
    std::uint64_t looked_at_claims = 0;
    /// By source, how many records without externalId are held together: see NamelessRecords.
    std::unordered_map<std::string, std::int64_t> held_together;
    /// What a cycle that a changed mapping stopped would have changed: it is looked at once, not by
    /// each cycle until somebody accepts the mapping.
    struct SurveyedMapping {
        std::string reason; ///< of the alarm: which change it was
        Changes changes;
        std::int64_t linked = 0;
        std::vector<Alarm> others; ///< what other guards saw then
    };
    std::optional<SurveyedMapping> surveyed_mapping;
    /// Whom a Medicapp that has gone back in time shows so, looked at once in the same way.
    std::optional<Alarm> surveyed_rewind;
    /// The guards that stand: they stopped a cycle, and none has been complete since. Kept in the
    /// state as guarded_by_key, and recalled from there.
    std::set<std::string> guarded_by;
    Acceptance accepted;               ///< recalled from the state, too
    std::set<std::string> guards_told; ///< those of them that were logged by this process
    /// Why the last cycle was not complete; empty: it was. Nothing: none has ended.
    std::optional<std::string> trouble;
    bool checked_rows = false; ///< the state's rows were checked since the process began
    /// The last cycle left nothing that a cycle of arrivals would have to know.
    bool takes_arrivals = false;
    Burst burst; ///< what arrivals changed a moment ago
    /// Somebody would have been created by a cycle of arrivals, and waits for a whole one: whom a
    /// user has entered in Medicapp must be known first.
    bool new_patient_waits = false;
    /// The last whole cycle came for that: until the next one no new patient waits.
    bool list_was_read_for_new = false;
    /// What the last whole cycle counted, as counting takes the longer the more patients there are.
    std::int64_t linked = 0;
    bool look_alikes_possible = false;
    StillHeld still_held;
    /// The newest write of cycles of arrivals, until a whole one has made it durable.
    std::optional<Written> newest_write;
    Tally by_arrivals; ///< what they did, until a whole cycle has logged it
};

/// The state of a running cycle: its report, whether it may go on, and whom it could not serve.
class CycleStatus {
  public:
    const Report& report() const { return report_; }
    /// Whether it must end: Medicapp cannot be used, or a guard has seen something.
    bool halted() const { return report_.halted; }
    /// The guards that stopped the cycle; a changed mapping, with which it began, first.
    const std::vector<Alarm>& alarms() const { return alarms_; }
    /// Whether Medicapp took anything in this cycle.
    bool served() const { return served_; }
    /// Patients whose requests were refused, by externalId; settled at the end of the cycle.
    const std::map<std::string, RefusedPatient>& refused() const { return refused_; }
    /// Whether the cycle ended for them: limits::refused_in_a_row were refused, and nobody served.
    bool refuses_everybody() const { return refuses_everybody_; }
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
    /// So many tries found a field: they do not count.
    void note_found_by(int probes) { probes_ -= probes; }

    /// Takes note of what an answer means for the rest of the cycle.
    void heed(Notice notice);
    /// The cycle ends as soon as what is under way has ended, and is incomplete for that reason.
    void end_early(const std::string& why);
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
    std::vector<Alarm> alarms_;
    std::map<std::string, RefusedPatient> refused_;
    bool refuses_everybody_ = false;
    int misdirected_ = 0; ///< writes whose answers showed another patient
    std::vector<Released> released_;
    std::optional<Written> newest_write_;
};

/// Why a cycle is not complete that was asked to stop.
inline constexpr const char* interrupted = "interrupted by a stop, a reload or the deadline";

/// Meta key: Memory::guarded_by, a line each.
inline constexpr const char* guarded_by_key = "guarded_by";
std::set<std::string> guards_from(const std::string& text);

/// What is logged at the end. A guard is reported when it first stops a cycle of this process; a
/// cycle that the same guards stop again is not reported. Whatever ended it (it was accepted, or
/// its cause is gone), the first complete cycle of all sources says that it is lifted, in whichever
/// process; so does a cycle that only other guards stop. A cycle that
/// did nothing after a complete one, or is incomplete for the same reason again, is told at
/// `debug`, unless somebody asked for it.
Effects report_end(const CycleStatus& status, Memory& memory, const Request& request,
                   std::chrono::milliseconds duration, const StillHeld& still_held);

/// Whether the answer may concern this patient only: the server answered, did not refuse the
/// credentials, and did not ask us to wait.
bool concerns_one_patient(const connectors::ApiError& error);

/// Whether the server answered at all, other than by asking us to wait. Where it does so each time,
/// even a 503 or a page of HTML may concern this patient only.
bool is_answer(const connectors::ApiError& error);

/// The error as one of this patient only; the end of the cycle tells whether others were served.
connectors::ApiError of_one_patient(connectors::ApiError error);

} // namespace medibridge::sync
