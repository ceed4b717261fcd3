#pragma once

#include "base/figures/meters.hpp"
#include "base/log/event.hpp"
#include "base/runtime/task.hpp"
#include "config/settings.hpp"
#include "connectors/medicapp/behaviour.hpp"
#include "connectors/medicapp/medicapp.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/patient.hpp"
#include "state/database.hpp"
#include "sync/core/inquiry.hpp"
#include "sync/core/report.hpp"
#include "sync/core/settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace medibridge::control {

/// Requests that were sent.
struct RequestCounts {
    std::int64_t get = 0;
    std::int64_t post = 0;
    std::int64_t put = 0;
    std::int64_t retries = 0;
    std::int64_t rate_limited = 0;
    std::int64_t his = 0;

    RequestCounts operator-(const RequestCounts& earlier) const;
};

/// What one cycle ended with.
struct CycleEnd {
    sync::Report report;
    RequestCounts requests; ///< of this cycle
    std::chrono::milliseconds duration{0};
    state::Waiting waiting; ///< of all that is held now
};

/// A side whose attempts have failed for so long without an answer is down. One request that is
/// lost does not last so long: it is repeated within seconds.
inline constexpr std::chrono::seconds trying_limit{10};

/// Medicapp or a source, as the cycles of this process have found it. Times are Unix times of this
/// machine in milliseconds.
struct SideStatus {
    std::string name;   ///< `medicapp`, or a source's
    bool up = true;     ///< as far as is known
    std::string reason; ///< why not, or why attempts fail; empty: it is up
    std::optional<std::int64_t> last_success_ms;
    std::optional<std::int64_t> down_since_ms;
    /// It was up, and since then no attempt was answered: it counts as up for trying_limit.
    std::optional<std::int64_t> trying_since_ms;
    std::optional<double> rate; ///< requests a second to Medicapp at present; nothing: no limit
    std::optional<figures::LeftFiles> left; ///< nothing: it reads no folder, or has not looked yet
};

/// Cycles begin again at that time, or when somebody says so.
struct Pause {
    std::optional<std::int64_t> until_ms; ///< Unix time of this machine; nothing: until resumed
};

/// The cycle that is running.
struct RunningCycle {
    std::int64_t started_ms = 0;
    std::int64_t progressed_ms = 0; ///< when it last came on
    sync::Tally so_far;
};

/// The last cycle that ended before this process began, as the state keeps it. Times as in
/// SideStatus.
struct FormerCycle {
    sync::Outcome outcome = sync::Outcome::complete;
    std::int64_t at_ms = 0;
    std::optional<std::int64_t> complete_ms; ///< when the last complete one ended
    std::string reason;                      ///< why it was not complete; empty: it was
};

/// What is known of the cycles of this process. Times as in SideStatus.
struct Live {
    std::int64_t cycles = 0; ///< that ended in this process
    std::optional<FormerCycle> former;
    std::optional<sync::Report> last_report; ///< nothing: none ended, or the last one failed
    std::string failure;                     ///< why the last cycle failed; empty: it did not
    std::optional<std::int64_t> last_cycle_ms;
    std::optional<std::int64_t> last_complete_ms;
    std::optional<std::int64_t> next_full_compare_ms; ///< nothing: never, or not known
    std::optional<RunningCycle> running;
    std::vector<sync::GuardAlarm> alarms; ///< the guards that stopped the last cycle
    std::optional<Pause> pause;
    std::vector<SideStatus> sides; ///< Medicapp first, then the sources as configured
};

/// What a look at a source came to.
struct SourceLook {
    std::int64_t pages = 0;
    bool complete = false;     ///< everything that it shows was seen
    std::string trouble;       ///< why it could not be read on, for an operator; empty: it could
    bool unauthorized = false; ///< of the trouble: credentials were refused
    std::string contradiction; ///< which of its own numbers disagree; empty: none
    /// The source's own clock, as the first page shows it, when that came.
    std::optional<reconcile::Instant> server_time;
    /// It is not asked: what senders pushed and the state keeps was looked at.
    bool is_pushed = false;
};

/// How far to look.
struct LookLimits {
    std::int64_t pages = 1;
    std::chrono::milliseconds time{10'000};
};

/// Is shown the records page by page; false: it has seen enough.
using SeeRecords = std::function<bool(const std::vector<reconcile::SourceRecord>&)>;

/// What the configuration file says now, read again.
struct ConfigFindings {
    std::vector<std::string> mistakes; ///< FILE:LINE:COLUMN, what, and how to fix it
    std::vector<std::string> advice;   ///< the same of what is accepted but should be fixed
};

/// Keys of the state, by what tells them from others: see state::KeyBytes::check().
struct KeyRotation {
    std::string key;
    std::string former;
    std::filesystem::path file; ///< that has the new one; empty: an operator puts it in its place
};

/// The key that the state opens with.
struct StateKeyPlace {
    std::string key;            ///< what tells it from others, as in KeyRotation
    std::filesystem::path file; ///< beside the state; empty: `state.key` says where it is
};

/// The work that was asked for cannot be done now; the text says why, and the next step.
class Unavailable : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The program that serves the API, as the API asks it: the service, or medibridgectl where no
/// service runs. All calls from the io thread.
///
/// What is given by reference is used until the request that asked for it ends.
class Backend {
  public:
    virtual ~Backend() = default;

    virtual state::Database& database() = 0;
    virtual const reconcile::Digester& digester() const = 0;
    virtual log::EventLog& log() = 0;
    /// To be read only: every write goes through a cycle.
    virtual connectors::Medicapp& medicapp() = 0;
    virtual const config::Settings& settings() const = 0;
    virtual Live live() const = 0;
    /// Unix time of this machine in milliseconds.
    virtual std::int64_t now_ms() const = 0;

    /// Runs a cycle as soon as none is running, paused or not; a dry run works on a copy of the
    /// state. The observer lives until then. Throws Unavailable where none will be run, and what a
    /// cycle throws.
    virtual runtime::Task<CycleEnd> run_cycle(sync::Request request, sync::Observer& observer) = 0;
    /// No further cycle begins by itself before that; durable, together with `with`. Throws
    /// StoreError.
    virtual runtime::Task<void> pause(Pause pause, state::Batch with) = 0;
    virtual runtime::Task<void> resume(state::Batch with) = 0;
    /// One patient as both sides show them at this moment; changes nothing. Medicapp, and a source
    /// that can show one patient, have some seconds to answer.
    virtual runtime::Task<sync::Inquiry> inquire(std::string key) = 0;
    /// Takes an operator's decision: see sync::take_decision(). Throws Unavailable if a side that
    /// it depends on cannot be read now.
    virtual runtime::Task<std::string> decide(sync::Order order) = 0;

    /// Reads a source beside its cycles, which notice nothing of it, by clients of its own. Throws
    /// as connectors::SourceKind::make().
    virtual runtime::Task<SourceLook> look_at_source(std::string name, LookLimits limits,
                                                     SeeRecords see) = 0;
    /// A page of Medicapp's list, by a client of its own and in one attempt.
    virtual runtime::Task<connectors::Reply<connectors::MedicappPage>>
    ask_medicapp(connectors::ListQuery query, std::chrono::milliseconds limit) = 0;
    /// One patient as Medicapp has them, by a client of its own, within some seconds.
    virtual runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    ask_medicapp_about(std::string medicapp_id) = 0;
    /// Deletes a patient in Medicapp, irreversibly: see connectors::MedicappEraser. For an
    /// operator's explicit order, which is durable already.
    virtual runtime::Task<connectors::Reply<void>> erase_in_medicapp(std::string medicapp_id) = 0;
    /// How Medicapp behaves where its documentation says nothing: see connectors::MedicappProbe.
    virtual runtime::Task<connectors::Reply<connectors::Behaviour>> look_at_behaviour() = 0;
    /// The same by a patient who is created and deleted, for an operator's explicit order, which is
    /// durable already; and what such a trial left.
    virtual runtime::Task<connectors::Reply<connectors::Behaviour>>
    try_sentinel(std::string external_id) = 0;
    virtual runtime::Task<connectors::Reply<void>> remove_sentinels(std::string external_id) = 0;
    /// Throws StoreError.
    virtual runtime::Task<StateKeyPlace> state_key() = 0;
    /// Replaces the state's key, and the keys in the state that it opens: by that key, or where
    /// nothing is given by one that is made and put in the place of its file. Durable, with `line`
    /// in the audit. `abandoned`: see state::Store::rotate_key(). Throws StoreError.
    virtual runtime::Task<KeyRotation> rotate_key(std::optional<state::KeyBytes> key,
                                                  state::AuditEntry line,
                                                  std::string abandoned) = 0;
    /// Where the configuration stands; empty: nowhere.
    virtual std::filesystem::path config_file() const = 0;
    virtual ConfigFindings check_config() const = 0;

    bool is_service = true; ///< false: a program that opened the state where no service runs
    /// How long somebody who decided waits for the cycle that carries it out, if a side does not
    /// answer.
    std::chrono::milliseconds decision_patience{12'000};
    bool erasing = false; ///< an operation is about to erase somebody: one at a time
    /// Where the state is to be, of which nothing exists yet: the one that is open stands in for
    /// it. Empty: it is the configured one that is open.
    std::filesystem::path state_to_come;
};

} // namespace medibridge::control
