#include "daemon/service.hpp"

#include "base/log/catalogue.hpp"
#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/announcement.hpp"
#include "daemon/bridge.hpp"
#include "daemon/failures.hpp"
#include "daemon/logging.hpp"
#include "daemon/results.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/state_keys.hpp"
#include "daemon/trouble.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <functional>
#include <memory>
#include <optional>

namespace medibridge::daemon {

namespace asio = boost::asio;
using log::Key;
using runtime::Task;

namespace {

/// How long requests that are under way may take once the service is asked to stop; systemd's
/// TimeoutStopSec is longer.
constexpr std::chrono::seconds drain_limit{20};
/// How long refused credentials are left alone before they are tried again.
constexpr std::chrono::minutes credentials_pause{5};
/// From the first arrival to the cycle that takes it and what came with it.
constexpr std::chrono::milliseconds arrival_pause{500};

/// One configuration and everything made from it. What the bridge refers to stands before it.
struct Installation {
    Installation(asio::any_io_executor executor, config::Settings its_settings,
                 runtime::Clock& clock, std::function<void()> on_arrival)
        : settings(std::move(its_settings)),
          keys(make_state_keys(settings.state, false)),
          log(make_log(settings.log, keys.digester)),
          bridge(std::move(executor), settings, clock, *log, keys, observer, false,
                 std::move(on_arrival)) {}

    config::Settings settings;
    StateKeys keys;
    std::unique_ptr<log::EventLog> log;
    sync::Observer observer;
    Bridge bridge;
};

class Service {
  public:
    Service(asio::io_context& io, std::filesystem::path config_file, config::Settings settings)
        : executor_(io.get_executor()),
          config_file_(std::move(config_file)),
          clock_(executor_),
          pauses_(executor_),
          signals_(executor_, SIGTERM, SIGINT, SIGHUP),
          watchdog_(executor_),
          drain_(executor_),
          installation_(make_installation(std::move(settings))) {}

    Task<void> run();
    Task<void> watch_signals();
    Task<void> feed_watchdog();
    /// Ends the two watches, for the io context to run dry.
    void close();
    void report(const std::exception_ptr& failure);

  private:
    void terminate();
    void reload();
    std::unique_ptr<Installation> make_installation(config::Settings settings);
    Task<void> install(config::Settings settings);
    /// A sender has handed over something: the next cycle is due.
    void note_arrival();
    bool arrived() const;
    Task<void> run_one_cycle();
    void note_failure(const std::exception_ptr& failure);
    void note_success();
    Task<void> pause();
    void announce();
    void write(const log::Event& event) { installation_->log->write(event); }

    asio::any_io_executor executor_;
    std::filesystem::path config_file_;
    runtime::SteadyClock clock_;
    runtime::SteadyClock pauses_; ///< between cycles: what wakes them must not cut short a backoff
    asio::signal_set signals_;
    asio::steady_timer watchdog_;
    asio::steady_timer drain_;
    ServiceManager manager_;
    std::unique_ptr<Installation> installation_;
    std::optional<config::Settings> reloaded_; ///< to be installed once the cycle has ended
    std::optional<sync::Report> last_report_;  ///< nothing after a cycle that failed
    Trouble trouble_;
    bool arrived_ = false; ///< since the last cycle began
    bool terminating_ = false;
    bool closed_ = false;
};

/// What an operator should know of an installation before its first cycle.
void Service::announce() {
    write(log::Event(log::events::state_opened));
    const auto& settings = installation_->settings;
    announce_unseen(settings, *installation_->log);
    std::string unused = settings.http ? "http.listen" : "";
    if (!settings.control.socket.empty()) {
        unused += unused.empty() ? "control.socket" : ",control.socket";
    }
    if (unused.empty()) return;
    write(log::Event(log::events::config_unused).with(Key::fields, std::move(unused)));
}

Task<void> Service::run() {
    write(log::Event(log::events::service_started));
    announce();
    installation_->bridge.listen();
    manager_.ready();
    while (!terminating_) {
        co_await run_one_cycle();
        if (terminating_) break;
        if (!reloaded_) co_await pause();
        if (!reloaded_ || terminating_) continue;
        auto settings = std::move(*std::exchange(reloaded_, std::nullopt));
        co_await install(std::move(settings));
    }
    co_await installation_->bridge.stop_listening();
    write(log::Event(log::events::service_stopped));
}

Task<void> Service::run_one_cycle() {
    sync::Request request;
    last_report_.reset();
    arrived_ = false;
    std::exception_ptr failure;
    try {
        last_report_ = co_await installation_->bridge.run_cycle(std::move(request));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        note_failure(failure);
    } else {
        note_success();
    }
}

/// A disk that is full or memory that ran out passes: what the cycle did not record follows from
/// its intents. A state that is damaged or not ours does not, and ends the service.
void Service::note_failure(const std::exception_ptr& failure) {
    const auto what = describe(failure);
    if (what.is_final) std::rethrow_exception(failure);
    if (trouble_.begin(clock_.now())) {
        write(log::Event(log::events::service_impeded).with(Key::reason, what.text));
    }
    manager_.status("last cycle failed: " + what.text);
}

void Service::note_success() {
    if (const auto lasted = trouble_.end(clock_.now())) {
        write(log::Event(log::events::service_recovered).with(Key::duration_ms, lasted->count()));
    }
    const auto down = unreadable_sources(*last_report_);
    manager_.status("last cycle: " + std::string(name(last_report_->outcome)) +
                    (down.empty() ? "" : "; sources that cannot be read: " + down));
}

std::unique_ptr<Installation> Service::make_installation(config::Settings settings) {
    return std::make_unique<Installation>(executor_, std::move(settings), clock_,
                                          [this] { note_arrival(); });
}

void Service::note_arrival() {
    const bool first = !std::exchange(arrived_, true);
    if (first) pauses_.wake();
}

/// Whether something arrived that a cycle could take now.
bool Service::arrived() const {
    const bool usable = last_report_ && last_report_->outcome == sync::Outcome::complete;
    return arrived_ && usable && !terminating_ && !reloaded_;
}

/// Sleeps until the next cycle is due; a signal ends the sleep, and so does what arrives, a little
/// later, for what comes with it.
Task<void> Service::pause() {
    const bool refused = last_report_ && last_report_->outcome == sync::Outcome::unauthorized;
    auto pause = trouble_.pause(installation_->settings.sync.interval);
    if (refused) pause = std::max(pause, runtime::Duration(credentials_pause));
    if (!arrived()) co_await pauses_.sleep_for(pause);
    if (arrived()) co_await pauses_.sleep_for(arrival_pause);
    if (refused) installation_->bridge.retry_credentials();
}

Task<void> Service::watch_signals() {
    while (!closed_) {
        const auto [error, signal] =
            co_await signals_.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        if (signal == SIGHUP) {
            reload();
        } else {
            terminate();
        }
    }
}

void Service::terminate() {
    if (terminating_) {
        installation_->bridge.cancel();
        return;
    }
    terminating_ = true;
    manager_.stopping();
    write(log::Event(log::events::service_stopping));
    installation_->bridge.stop();
    clock_.wake();
    pauses_.wake();
    drain_.expires_after(drain_limit);
    drain_.async_wait([this](const boost::system::error_code& error) {
        if (!error) installation_->bridge.cancel();
    });
}

void Service::reload() {
    auto loaded =
        config::load(config_file_, config::process_environment(), connectors::source_kinds());
    if (!loaded.settings) {
        auto reason = loaded.mistakes.front().to_string();
        const auto others = loaded.mistakes.size() - 1;
        if (others > 0) reason += " (and " + std::to_string(others) + " more)";
        write(log::Event(log::events::config_refused).with(Key::reason, std::move(reason)));
        return;
    }
    manager_.reloading();
    reloaded_ = std::move(loaded.settings);
    installation_->bridge.stop();
    clock_.wake();
    pauses_.wake();
}

Task<void> Service::install(config::Settings settings) {
    // The state has one owner: the old installation goes before the new one opens it.
    co_await installation_->bridge.stop_listening();
    installation_->bridge.cancel();
    installation_.reset();
    installation_ = make_installation(std::move(settings));
    installation_->bridge.listen();
    write(log::Event(log::events::service_reloaded));
    announce();
    manager_.ready();
}

Task<void> Service::feed_watchdog() {
    const auto period = manager_.watchdog_period();
    if (!period) co_return;
    while (!closed_) {
        manager_.feed_watchdog();
        watchdog_.expires_after(*period);
        co_await watchdog_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void Service::report(const std::exception_ptr& failure) {
    if (!installation_) return;
    const auto what = describe(failure);
    write(log::Event(what.is_state ? log::events::state_failed : log::events::service_failed)
              .with(Key::reason, what.text));
}

void Service::close() {
    closed_ = true;
    signals_.cancel();
    watchdog_.cancel();
    drain_.cancel();
    if (!installation_) return;
    installation_->bridge.cancel();
    // After a failure nobody has stopped it; what it awaits keeps the io context alive.
    auto stopping = installation_->bridge.stop_listening();
    asio::co_spawn(executor_, std::move(stopping), asio::detached);
}

} // namespace

ExitCode run_service(const CommandLine& arguments, config::Settings settings) {
    return with_failures_reported([&] {
        asio::io_context io(1);
        Service service(io, arguments.config, std::move(settings));
        std::exception_ptr failure;
        auto ends_service = [&](std::exception_ptr error) {
            if (error && !failure) {
                service.report(error);
                failure = std::move(error);
            }
            service.close();
        };
        asio::co_spawn(io, service.watch_signals(), ends_service);
        asio::co_spawn(io, service.run(), ends_service);
        auto watchdog_ended = [&](std::exception_ptr error) {
            if (error) ends_service(std::move(error));
        };
        asio::co_spawn(io, service.feed_watchdog(), watchdog_ended);
        io.run();
        if (failure) std::rethrow_exception(failure);
        return ExitCode::ok;
    });
}

} // namespace medibridge::daemon
