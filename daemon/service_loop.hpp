#pragma once

#include "daemon/control_server.hpp"
#include "daemon/cycle_queue.hpp"
#include "daemon/cycle_runner.hpp"
#include "daemon/cycle_watch.hpp"
#include "daemon/heartbeat.hpp"
#include "daemon/installation.hpp"
#include "daemon/monitoring.hpp"
#include "daemon/service_backend.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/status_text.hpp"
#include "daemon/trouble.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Internal to the service: what it runs, and what ends it.
namespace medibridge::daemon {

/// One cycle after the other, until a signal ends it; a signal may also change what it runs.
class Service {
  public:
    Service(boost::asio::any_io_executor executor, std::filesystem::path config_file,
            config::Settings settings)
        : executor_(std::move(executor)),
          config_file_(std::move(config_file)),
          clock_(executor_),
          pauses_(executor_),
          signals_(make_signals(executor_)),
          queue_(executor_, [this] { pauses_.wake(); }),
          backend_(
              config_file_, watch_, queue_, [this] { note_pause(); }, [this] { note_new_keys(); }),
          status_(manager_, backend_),
          control_(executor_, backend_),
          monitoring_(executor_, backend_, watch_, queue_),
          runner_(executor_, clock_, watch_, backend_),
          heartbeat_(clock_.now()) {
        watch_.on_begin([this] { status_.show(); });
        watch_.on_progress([this] {
            status_.show_progress();
            beat();
        });
        make_installation(settings);
    }

    runtime::Task<void> run();
    runtime::Task<void> watch_signals();
    /// Feeds systemd's watchdog, and keeps its line up to date.
    runtime::Task<void> inform_manager();
    /// Ends the two watches, for the io context to run dry.
    void close();
    void report(const std::exception_ptr& failure);

  private:
    struct Signals;
    static std::shared_ptr<Signals> make_signals(const boost::asio::any_io_executor& executor);
    void cancel_signals();
    void terminate();
    void reload();
    void make_installation(const config::Settings& settings);
    runtime::Task<void> open();
    runtime::Task<void> install(config::Settings settings);
    /// A sender has handed over something: the next cycle is due.
    void note_arrival();
    bool arrived() const;
    /// The state's file was found damaged.
    void note_fault(const state::StoreError& fault);
    /// A pause begins or ends.
    void note_pause();
    /// The state has other keys: the installation is to be made again with them.
    void note_new_keys();
    bool is_due() const;
    /// What arrived can be taken at once, and between two cycles.
    bool takes_arrivals() const;
    runtime::Task<void> take_arrivals();
    runtime::Task<void> wait();
    /// `asked`: who waits for it; null: nobody.
    runtime::Task<void> run_one_cycle(std::shared_ptr<AskedCycle> asked);
    runtime::Task<void> rehearse(std::shared_ptr<AskedCycle> asked);
    /// Lets what is under way end between two items, or at once.
    void stop_work();
    void cancel_work();
    void note_failure(const std::exception_ptr& failure);
    void note_success();
    bool was_refused() const;
    runtime::Duration pause_after_cycle() const;
    runtime::Task<void> announce();
    /// Beside the cycles: a directory service may take its time.
    runtime::Task<void> announce_unknown_deciders(std::vector<std::string> names);
    /// As soon as a side counts as down, not once the cycle has given it up.
    void tell_outages();
    /// Once an hour.
    void beat();
    void write(const log::Event& event) { installation_->log->write(event); }

    boost::asio::any_io_executor executor_;
    std::filesystem::path config_file_;
    runtime::SteadyClock clock_;
    runtime::SteadyClock pauses_; ///< between cycles: what wakes them must not cut short a backoff
    std::shared_ptr<Signals> signals_;
    ServiceManager manager_;
    CycleWatch watch_;
    CycleQueue queue_;
    ServiceBackend backend_;
    StatusLine status_;
    ControlServer control_;
    Monitoring monitoring_;
    std::unique_ptr<Installation> installation_;
    CycleRunner runner_;
    std::optional<config::Settings> reloaded_; ///< to be installed once the cycle has ended
    std::optional<state::StoreError> fault_;   ///< what is wrong with the state
    std::optional<sync::Report> last_report_;  ///< nothing after a cycle that failed
    Trouble trouble_;
    Heartbeat heartbeat_;
    std::int64_t cycles_ = 0;  ///< since the start, whatever was reloaded
    runtime::TimePoint due_{}; ///< when the next cycle begins by itself
    bool arrived_ = false;     ///< since the last cycle began
    bool terminating_ = false;
    bool closed_ = false;
};

} // namespace medibridge::daemon
