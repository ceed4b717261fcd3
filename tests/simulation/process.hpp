#pragma once

#include "mailbox.hpp"
#include "network.hpp"

#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "disk/simulated_disk.hpp"
#include "reconcile/digest.hpp"
#include "state/store.hpp"
#include "sync/shell/synchroniser.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::simulation {

/// The daemon's own parts, as medibridged puts them together: clients, state and synchronisation.
/// One process of the operating system: it can be killed at any step and started again.
class Process {
  public:
    /// `disk` keeps the state from one process to the next. `mailboxes`: what each source's HIS
    /// pushes; none: its list is read. All outlive the process. `mapping`: how the mapping of the
    /// sources is written.
    Process(boost::asio::io_context& io, tests::VirtualClock& clock, Network& network,
            const std::vector<Mailbox*>& mailboxes, disk::SimulatedDisk& disk,
            const config::Settings& settings, const std::string& mapping, log::EventLog& log,
            std::uint64_t seed);
    ~Process();

    /// Called at each step that can be seen from outside or is durable: a request leaves, an answer
    /// arrives, before a commit and after it. True kills the process there.
    std::function<bool()> dies_here;

    struct Ended {
        std::optional<sync::Report> report; ///< nothing: it died, or the state failed
        std::string failure;                ///< of the state, in the words for an operator
    };
    /// One cycle to its end or to the process's. Fails the caller with std::logic_error if nothing
    /// can happen any more although the cycle has not ended.
    Ended run_cycle(sync::Request request);
    /// Whether the service would begin a cycle of arrivals for what was pushed.
    bool takes_arrivals() const;

    /// An operator looks at a patient and, if `choose` says so, decides, beside whatever is under
    /// way or by themselves. What goes wrong with it (the state, the end of the process) is theirs.
    using Choice = std::function<std::optional<sync::Order>(const sync::Inquiry&)>;
    /// Called once the decision is durable.
    using Taken = std::function<void(const sync::Order&)>;
    void ask_operator(const std::string& key, std::int64_t wall_clock_ms, Choice choose,
                      Taken taken);

    bool dead() const { return dead_; }
    /// The state as it is now; null while it cannot be opened.
    state::Store* state() { return store_.get(); }

  private:
    struct Parts;
    void step();
    void die();
    void run_until(const std::function<bool()>& ended);
    static runtime::Task<void> look_and_decide(sync::Synchroniser* synchroniser, std::string key,
                                               std::int64_t wall_clock_ms, Choice choose,
                                               Taken taken);

    boost::asio::io_context* io_;
    tests::VirtualClock* clock_;
    Network* network_;
    bool dead_ = false;
    int operators_ = 0; ///< who are looking or deciding
    bool running_ = false;
    std::unique_ptr<state::Store> store_;
    std::unique_ptr<Parts> parts_;
};

/// The configuration that the simulation runs with, as an operator would write it; `changes`
/// replaces or adds keys of `sync`. `inboxes`: of as many HISes that push, whose lists are not
/// read.
config::Settings simulated_settings(const std::string& sync, int inboxes);

} // namespace medibridge::simulation
