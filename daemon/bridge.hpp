#pragma once

#include "base/figures/meters.hpp"
#include "base/http/client.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/medicapp.hpp"
#include "control/backend.hpp"
#include "daemon/own_sides.hpp"
#include "daemon/state_keys.hpp"
#include "state/database.hpp"
#include "sync/core/report.hpp"
#include "sync/core/settings.hpp"
#include "sync/shell/inquiry.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::daemon {

/// How the configuration wants Medicapp to be reached.
http::ClientSettings transport_settings_of(const config::MedicappSettings& settings);

/// How Medicapp's client fares.
struct MedicappCondition {
    bool failing = false;       ///< the last attempts got no usable answer
    bool refused = false;       ///< credentials were refused
    std::optional<double> rate; ///< requests a second at present; nothing: no limit
    std::string refusal = {};   ///< who refuses the credentials; empty: nobody does
};

/// The state's file cannot be used any more.
using OnFault = std::function<void(const state::StoreError& fault)>;

/// What a status calls Medicapp among the sides.
inline constexpr const char* medicapp_side = "medicapp";

/// One active configuration: the state file, the clients of Medicapp and the sources, and the
/// synchronisation.
class Bridge {
  public:
    /// Opens the state and becomes its owner. With `dry_run` it works on a private copy and sends
    /// no write. Throws StoreError, or std::runtime_error for a trust store that cannot be read.
    /// All references outlive the bridge. `on_arrival` is called when a sender has handed over
    /// something that a cycle would take, or a source has answered that a cycle had to leave. What
    /// it does is counted in `meters`. `on_fault` is called if the state turns out to be damaged,
    /// whose check goes on meanwhile: whatever needs it fails, too.
    Bridge(boost::asio::any_io_executor executor, const config::Settings& settings,
           runtime::Clock& clock, log::EventLog& log, const StateKeys& keys,
           sync::Observer& observer, bool dry_run, std::function<void()> on_arrival = {},
           std::shared_ptr<figures::Meters> meters = std::make_shared<figures::Meters>(),
           OnFault on_fault = {});
    ~Bridge();

    /// One cycle; a full one if that is asked for or due. Throws StoreError.
    runtime::Task<sync::Report> run_cycle(sync::Request request);
    /// A cycle of arrivals: see sync::Request::only_arrivals. Only if takes_arrivals().
    runtime::Task<sync::Report> take_arrivals(sync::Request request);
    /// See sync::Synchroniser::end_cycle().
    void end_cycle(const std::string& why);
    /// The next cycle's guards count what those of the other bridge would: see
    /// sync::Synchroniser::count_also().
    void count_as(const Bridge& other);
    /// Whether that is enough for what has arrived.
    bool takes_arrivals() const;
    /// See sync::Synchroniser::new_patient_waits().
    bool new_patient_waits() const;

    /// Accepts messages of senders from now on. Throws std::runtime_error for an address that
    /// cannot be used.
    void listen();
    /// Accepts nothing more, and ends reading the sources; what senders sent is stored and answered
    /// first. To be awaited before the bridge ends, if listen() was called.
    runtime::Task<void> stop_listening();

    /// Lets the cycle end: requests to Medicapp that are under way are finished, what waits for its
    /// turn is left for a later bridge, and reading the sources ends. For good.
    void stop();
    /// Ends requests that are under way at once; writes among them are resolved by the next cycle.
    /// The check of the state's file ends, too: what has waited for it fails.
    void cancel();
    /// A side, as the watch calls it, has not answered for so long that it counts as down: told
    /// once, before the cycle that waits for it has ended.
    void note_outage(const std::string& side, const std::string& what, runtime::Duration lasted);
    /// Lets requests go out again after credentials were refused.
    void retry_credentials();

    /// Sent since the start.
    control::RequestCounts requests() const;
    /// The last cycle that the state knows of; nothing: none.
    runtime::Task<std::optional<control::FormerCycle>> last_cycle();
    MedicappCondition condition() const;
    connectors::MedicappPace pace() const;
    /// Names of the sources whose inbox keeps what senders push.
    std::vector<std::string> inboxes() const;
    /// Unix time of this machine in milliseconds; nothing: none is due by itself.
    std::optional<std::int64_t> next_full_compare_ms() const;

    /// See sync::Synchroniser. Sides that are known not to answer are not waited for long.
    runtime::Task<sync::Inquiry> inquire(std::string key, SilentSides silent);
    runtime::Task<std::string> decide(sync::Order order, SilentSides silent);

    /// See control::Backend.
    runtime::Task<control::SourceLook> look_at_source(std::string name, control::LookLimits limits,
                                                      control::SeeRecords see);
    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    ask_medicapp(connectors::ListQuery query, std::chrono::milliseconds limit);
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    ask_medicapp_about(std::string medicapp_id);
    runtime::Task<connectors::Reply<void>> erase_in_medicapp(std::string medicapp_id);
    /// See connectors::MedicappProbe. The latter two throw std::logic_error in a dry run.
    runtime::Task<connectors::Reply<connectors::Behaviour>> look_at_behaviour();
    runtime::Task<connectors::Reply<connectors::Behaviour>> try_sentinel(std::string external_id);
    runtime::Task<connectors::Reply<void>> remove_sentinels(std::string external_id);

    state::Database& database();
    /// Under a dry run it takes writes and sends none.
    connectors::Medicapp& medicapp();
    /// What is held, by whichever cycle.
    runtime::Task<state::Waiting> waiting();

  private:
    runtime::Task<void> reseal();
    runtime::Task<void> prune_audit(std::int64_t before_ms);

    struct Parts;
    std::unique_ptr<Parts> parts_;
};

} // namespace medibridge::daemon
