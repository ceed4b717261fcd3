#include "daemon/service.hpp"

#include "base/log/catalogue.hpp"
#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/announcement.hpp"
#include "daemon/control_server.hpp"
#include "daemon/failures.hpp"
#include "daemon/installation.hpp"
#include "daemon/rehearsal.hpp"
#include "daemon/service_backend.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/status_text.hpp"
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
/// How often the end of a pause is looked for: it is a time of this machine's clock, which may be
/// set.
constexpr std::chrono::seconds pause_look{10};

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
          queue_(executor_, [this] { pauses_.wake(); }),
          backend_(config_file_, watch_, queue_, [this] { note_pause(); }),
          status_(manager_, backend_),
          control_(executor_, backend_) {
        watch_.on_progress([this] { status_.show_progress(); });
        make_installation(std::move(settings));
    }

    Task<void> run();
    Task<void> watch_signals();
    Task<void> feed_watchdog();
    /// Ends the two watches, for the io context to run dry.
    void close();
    void report(const std::exception_ptr& failure);

  private:
    void terminate();
    void reload();
    void make_installation(config::Settings settings);
    Task<void> open();
    Task<void> install(config::Settings settings);
    /// A sender has handed over something: the next cycle is due.
    void note_arrival();
    bool arrived() const;
    /// A pause begins or ends.
    void note_pause();
    bool is_due() const;
    Task<void> wait();
    /// `asked`: who waits for it; null: nobody.
    Task<void> run_one_cycle(std::shared_ptr<AskedCycle> asked);
    Task<void> rehearse(std::shared_ptr<AskedCycle> asked);
    /// Lets what is under way end between two items, or at once.
    void stop_work();
    void cancel_work();
    void note_failure(const std::exception_ptr& failure);
    void note_success();
    bool was_refused() const;
    runtime::Duration pause_after_cycle() const;
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
    CycleWatch watch_;
    CycleQueue queue_;
    ServiceBackend backend_;
    StatusLine status_;
    ControlServer control_;
    std::unique_ptr<Installation> installation_;
    std::unique_ptr<Rehearsal> rehearsal_;     ///< null: none is under way
    std::optional<config::Settings> reloaded_; ///< to be installed once the cycle has ended
    std::optional<sync::Report> last_report_;  ///< nothing after a cycle that failed
    Trouble trouble_;
    runtime::TimePoint due_{}; ///< when the next cycle begins by itself
    bool arrived_ = false;     ///< since the last cycle began
    bool terminating_ = false;
    bool closed_ = false;
};

/// What an operator should know of an installation before its first cycle.
void Service::announce() {
    write(log::Event(log::events::state_opened));
    const auto& settings = installation_->settings;
    announce_unseen(settings, *installation_->log);
    if (!settings.http) return;
    write(log::Event(log::events::config_unused).with(Key::fields, "http.listen"));
}

Task<void> Service::run() {
    write(log::Event(log::events::service_started));
    co_await open();
    manager_.ready();
    while (!terminating_) {
        backend_.end_expired_pause();
        status_.show();
        if (reloaded_) {
            auto settings = std::move(*std::exchange(reloaded_, std::nullopt));
            co_await install(std::move(settings));
        } else if (!queue_.empty()) {
            const auto asked = queue_.take();
            co_await (asked->request().dry_run ? rehearse(asked) : run_one_cycle(asked));
        } else if (is_due()) {
            co_await run_one_cycle(nullptr);
            due_ = clock_.now() + pause_after_cycle();
        } else {
            co_await wait();
        }
    }
    co_await control_.close();
    co_await installation_->bridge.stop_listening();
    write(log::Event(log::events::service_stopped));
}

Task<void> Service::open() {
    announce();
    co_await backend_.recall_pause();
    status_.note_waiting(co_await installation_->bridge.waiting());
    installation_->bridge.listen();
    co_await control_.open(installation_->settings, *installation_->log);
}

bool Service::is_due() const {
    return !backend_.is_paused() && (clock_.now() >= due_ || arrived());
}

/// Until the next cycle is due, or something else is to be done. What arrives is taken a little
/// later, together with what comes with it.
Task<void> Service::wait() {
    const auto look = clock_.now() + std::min<runtime::Duration>(pause_look, backend_.pause_left());
    co_await pauses_.sleep_until(backend_.is_paused() ? look : due_);
    if (arrived() && queue_.empty()) co_await pauses_.sleep_for(arrival_pause);
}

Task<void> Service::run_one_cycle(std::shared_ptr<AskedCycle> asked) {
    auto& bridge = installation_->bridge;
    if (was_refused()) bridge.retry_credentials();
    last_report_.reset();
    arrived_ = false;
    const auto before = bridge.requests();
    const auto started = clock_.now();
    watch_.begin(wall_clock_ms(), asked ? &asked->observer() : nullptr);
    status_.show();
    std::exception_ptr failure;
    state::Waiting waiting;
    try {
        last_report_ = co_await bridge.run_cycle(asked ? asked->request() : sync::Request());
        waiting = co_await bridge.waiting();
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        watch_.fail(describe(failure).text, wall_clock_ms());
        if (asked) asked->fail(failure);
        note_failure(failure);
    } else {
        watch_.end(*last_report_, bridge.condition(), wall_clock_ms());
        status_.note_waiting(waiting);
        if (asked)
            asked->conclude({*last_report_, bridge.requests() - before, clock_.now() - started,
                             std::move(waiting)});
        note_success();
    }
}

Task<void> Service::rehearse(std::shared_ptr<AskedCycle> asked) {
    std::exception_ptr failure;
    control::CycleEnd end;
    try {
        co_await Rehearsal::copy_state(*installation_);
        rehearsal_ =
            std::make_unique<Rehearsal>(executor_, *installation_, clock_, asked->observer());
        if (terminating_ || reloaded_) rehearsal_->stop();
        end = co_await rehearsal_->run(asked->request());
    } catch (...) {
        failure = std::current_exception();
    }
    if (rehearsal_) rehearsal_->cancel();
    rehearsal_.reset();
    if (failure) {
        asked->fail(failure);
    } else {
        asked->conclude(std::move(end));
    }
}

void Service::stop_work() {
    installation_->bridge.stop();
    if (rehearsal_) rehearsal_->stop();
    clock_.wake();
    pauses_.wake();
}

void Service::cancel_work() {
    installation_->bridge.cancel();
    if (rehearsal_) rehearsal_->cancel();
}

/// A disk that is full or memory that ran out passes: what the cycle did not record follows from
/// its intents. A state that is damaged or not ours does not, and ends the service.
void Service::note_failure(const std::exception_ptr& failure) {
    const auto what = describe(failure);
    if (what.is_final) std::rethrow_exception(failure);
    if (trouble_.begin(clock_.now())) {
        write(log::Event(log::events::service_impeded).with(Key::reason, what.text));
    }
}

void Service::note_success() {
    if (const auto lasted = trouble_.end(clock_.now())) {
        write(log::Event(log::events::service_recovered).with(Key::duration_ms, lasted->count()));
    }
}

bool Service::was_refused() const {
    return last_report_ && last_report_->outcome == sync::Outcome::unauthorized;
}

runtime::Duration Service::pause_after_cycle() const {
    const auto pause = trouble_.pause(installation_->settings.sync.interval);
    return was_refused() ? std::max(pause, runtime::Duration(credentials_pause)) : pause;
}

void Service::make_installation(config::Settings settings) {
    installation_ = std::make_unique<Installation>(executor_, std::move(settings), clock_, watch_,
                                                   [this] { note_arrival(); });
    backend_.attach(installation_.get());
    watch_.set_sources(installation_->settings.his);
}

void Service::note_pause() {
    pauses_.wake();
    status_.show();
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
        cancel_work();
        return;
    }
    terminating_ = true;
    manager_.stopping();
    write(log::Event(log::events::service_stopping));
    queue_.close("the service is stopping: try again once it runs");
    stop_work();
    drain_.expires_after(drain_limit);
    drain_.async_wait([this](const boost::system::error_code& error) {
        if (!error) cancel_work();
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
    queue_.refuse_all("the configuration is being reloaded: try again");
    stop_work();
}

Task<void> Service::install(config::Settings settings) {
    // Whoever asks the old installation is served before it goes; the state has one owner, so it
    // goes before the new one opens it.
    co_await control_.pause();
    co_await installation_->bridge.stop_listening();
    installation_->bridge.cancel();
    backend_.attach(nullptr);
    installation_.reset();
    make_installation(std::move(settings));
    write(log::Event(log::events::service_reloaded));
    co_await open();
    due_ = clock_.now();
    manager_.ready();
}

Task<void> Service::feed_watchdog() {
    const auto period = manager_.watchdog_period();
    if (!period) co_return;
    while (!closed_) {
        manager_.feed_watchdog();
        if (installation_) status_.show();
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
    queue_.close("the service has failed: see its log");
    // After a failure nobody has stopped them; what they await keeps the io context alive.
    asio::co_spawn(executor_, control_.close(), asio::detached);
    if (!installation_) return;
    installation_->bridge.cancel();
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
