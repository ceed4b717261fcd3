#include "daemon/service.hpp"

#include "base/log/catalogue.hpp"
#include "control/access.hpp"
#include "control/socket_path.hpp"
#include "daemon/addressed_log.hpp"
#include "daemon/announcement.hpp"
#include "daemon/failures.hpp"
#include "daemon/service_loop.hpp"
#include "state/store.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

namespace medibridge::daemon {

namespace asio = boost::asio;
using log::Key;
using runtime::Task;

namespace {

/// How long refused credentials are left alone before they are tried again.
constexpr std::chrono::minutes credentials_pause{5};
/// From the first arrival to the cycle that takes it and what came with it, where that is a whole
/// one.
constexpr std::chrono::milliseconds arrival_pause{500};
/// How often the end of a pause is looked for: it is a time of this machine's clock, which may be
/// set.
constexpr std::chrono::seconds pause_look{10};

/// Tries again while another process owns the state, for a few seconds: a command that looks at the
/// state of a stopped service has it for a moment only.
template <class Make>
auto once_state_is_free(const Make& make) {
    constexpr std::chrono::seconds longest{3};
    constexpr std::chrono::milliseconds between{50};
    const auto until = std::chrono::steady_clock::now() + longest;
    for (;;) {
        try {
            return make();
        } catch (const state::StoreError& error) {
            const bool passes = error.kind() == state::StoreError::Kind::locked &&
                                std::chrono::steady_clock::now() < until;
            if (!passes) throw;
        }
        std::this_thread::sleep_for(between);
    }
}

/// One that nobody asked for: no source keeps the others waiting.
sync::Request regular_cycle() {
    sync::Request request;
    request.patience = sync::limits::source_patience;
    request.by_itself = true;
    return request;
}

} // namespace

/// What an operator should know of an installation before its first cycle.
Task<void> Service::announce() {
    auto count = [](state::Store& store) { return store.counts().links; };
    const auto linked = co_await backend_.database().run(std::move(count));
    const auto waiting = co_await installation_->bridge.waiting();
    write(log::Event(log::events::state_opened)
              .with(Key::file, installation_->settings.state.path.string())
              .with(Key::linked, linked)
              .with(Key::to_decide, waiting.to_decide)
              .with(Key::excluded, waiting.excluded));
    status_.note_waiting(waiting);
    const auto& settings = installation_->settings;
    announce_exposures(settings, *installation_->log);
    announce_unseen(settings, *installation_->log);
    asio::co_spawn(executor_, announce_unknown_deciders(settings.control.decide), asio::detached);
}

Task<void> Service::announce_unknown_deciders(std::vector<std::string> names) {
    const auto unknown = co_await control::find_unknown_deciders(std::move(names));
    if (unknown.empty() || !installation_) co_return;
    write(log::Event(log::events::control_unknown_name).with(Key::reason, unknown));
}

Task<void> Service::run() {
    write(started_event(config_file_, installation_->settings));
    co_await open();
    manager_.ready();
    while (!terminating_) {
        if (fault_) throw state::StoreError(*fault_);
        backend_.end_expired_pause();
        status_.show();
        beat();
        if (reloaded_) {
            auto settings = std::move(*std::exchange(reloaded_, std::nullopt));
            co_await install(std::move(settings));
        } else if (!queue_.empty()) {
            const auto asked = queue_.take();
            co_await (asked->request().dry_run ? rehearse(asked) : run_one_cycle(asked));
        } else if (takes_arrivals()) {
            co_await take_arrivals();
        } else if (is_due()) {
            co_await run_one_cycle(nullptr);
            due_ = clock_.now() + pause_after_cycle();
        } else {
            co_await wait();
        }
    }
    co_await control_.close();
    co_await monitoring_.close();
    co_await installation_->bridge.stop_listening();
    write(log::Event(log::events::service_stopped));
}

Task<void> Service::open() {
    co_await announce();
    co_await backend_.recall();
    installation_->bridge.listen();
    co_await control_.open(installation_->settings, *installation_->log);
    co_await monitoring_.open(*installation_);
}

bool Service::is_due() const {
    return !backend_.is_paused() && (clock_.now() >= due_ || arrived());
}

bool Service::takes_arrivals() const {
    const bool whole_is_due = clock_.now() >= due_;
    return arrived() && !backend_.is_paused() && !whole_is_due &&
           installation_->bridge.takes_arrivals();
}

/// Until the next cycle is due, or something else is to be done. What needs a whole cycle is taken
/// a little later, together with what comes with it.
Task<void> Service::wait() {
    const auto look = clock_.now() + std::min<runtime::Duration>(pause_look, backend_.pause_left());
    const auto next = backend_.is_paused() ? look : due_;
    co_await pauses_.sleep_until(std::min(next, heartbeat_.due()));
    const bool at_once = takes_arrivals() || installation_->bridge.new_patient_waits();
    if (arrived() && queue_.empty() && !at_once) co_await pauses_.sleep_for(arrival_pause);
}

/// What comes meanwhile shares the next one.
Task<void> Service::take_arrivals() {
    arrived_ = false;
    std::exception_ptr failure;
    try {
        auto request = regular_cycle();
        request.number = ++cycles_;
        last_report_ = co_await runner_.take_arrivals(std::move(request));
    } catch (...) {
        failure = std::current_exception();
        last_report_.reset();
    }
    if (failure) {
        note_failure(failure);
        co_return;
    }
    heartbeat_.note_end(*last_report_);
    if (last_report_->held > 0) status_.note_waiting(co_await installation_->bridge.waiting());
    note_success();
    // What it has left calls for a whole one.
    arrived_ = arrived_ || !installation_->bridge.takes_arrivals();
}

Task<void> Service::run_one_cycle(std::shared_ptr<AskedCycle> asked) {
    if (was_refused()) installation_->bridge.retry_credentials();
    last_report_.reset();
    arrived_ = false;
    std::exception_ptr failure;
    control::CycleEnd end;
    try {
        auto request = asked ? asked->request() : regular_cycle();
        request.number = ++cycles_;
        end = co_await runner_.run(std::move(request), asked ? &asked->observer() : nullptr);
        co_await monitoring_.read_state();
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        if (asked) asked->fail(failure);
        note_failure(failure);
    } else {
        last_report_ = end.report;
        installation_->log->conclude(end.report);
        heartbeat_.note_end(end.report);
        status_.note_waiting(end.waiting);
        if (asked) asked->conclude(std::move(end));
        note_success();
    }
}

void Service::beat() {
    if (!installation_) return;
    if (auto event = heartbeat_.beat(clock_.now(), backend_.live(), status_.waiting()))
        write(*event);
}

Task<void> Service::rehearse(std::shared_ptr<AskedCycle> asked) {
    std::exception_ptr failure;
    control::CycleEnd end;
    try {
        end = co_await runner_.rehearse(asked->request(), asked->observer());
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        asked->fail(failure);
    } else {
        asked->conclude(std::move(end));
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
}

void Service::note_success() {
    if (const auto lasted = trouble_.end(clock_.now())) {
        write(log::Event(log::events::service_recovered).with(Key::duration_ms, lasted->count()));
    }
}

bool Service::was_refused() const {
    const bool unauthorized = last_report_ && last_report_->outcome == sync::Outcome::unauthorized;
    return unauthorized && installation_->bridge.condition().refused;
}

runtime::Duration Service::pause_after_cycle() const {
    const auto pause = trouble_.pause(installation_->settings.sync.interval);
    return was_refused() ? std::max(pause, runtime::Duration(credentials_pause)) : pause;
}

void Service::make_installation(const config::Settings& settings) {
    const auto log_of = [this](const config::LogSettings& its,
                               const reconcile::Digester& digester) {
        return addressed_log(make_log(its, digester), config_file_);
    };
    installation_ = once_state_is_free([&] {
        return std::make_unique<Installation>(
            executor_, settings, clock_, watch_, [this] { note_arrival(); }, monitoring_.meters(),
            log_of, [this](const state::StoreError& fault) { note_fault(fault); });
    });
    backend_.attach(installation_.get());
    runner_.attach(*installation_);
    watch_.set_sources(installation_->settings.his, *monitoring_.meters());
}

/// A cycle begins as a pause ends.
void Service::note_pause() {
    if (!backend_.is_paused()) due_ = clock_.now();
    pauses_.wake();
    status_.show();
}

/// The service ends for it, also where nobody would use the state for long.
void Service::note_fault(const state::StoreError& fault) {
    fault_ = fault;
    stop_work();
}

void Service::note_new_keys() {
    if (terminating_) return; // the next start takes them
    if (!reloaded_) reloaded_ = installation_->settings;
    queue_.refuse_all("the state's keys are being renewed: try again");
    stop_work();
}

void Service::note_arrival() {
    const bool first = !std::exchange(arrived_, true);
    if (first) pauses_.wake();
}

/// Whether something arrived that a cycle could take now.
bool Service::arrived() const {
    const bool usable = last_report_ && !last_report_->halted && !was_refused();
    return arrived_ && usable && !terminating_ && !reloaded_;
}

Task<void> Service::install(config::Settings settings) {
    // Whoever asks the old installation is served before it goes; the state has one owner, so it
    // goes before the new one opens it.
    co_await control_.pause();
    co_await monitoring_.pause();
    co_await installation_->bridge.stop_listening();
    installation_->bridge.cancel();
    backend_.attach(nullptr);
    installation_.reset();
    make_installation(settings);
    status_.note_refusal({});
    write(log::Event(log::events::service_reloaded));
    co_await open();
    due_ = clock_.now();
    manager_.ready();
}

void Service::report(const std::exception_ptr& failure) {
    if (!installation_) return;
    const auto what = describe(failure);
    write(log::Event(what.is_state ? log::events::state_failed : log::events::service_failed)
              .with(Key::reason, what.text));
}

void Service::close() {
    closed_ = true;
    cancel_signals();
    queue_.close("the service has failed: see its log");
    // After a failure nobody has stopped them; what they await keeps the io context alive.
    asio::co_spawn(executor_, control_.close(), asio::detached);
    asio::co_spawn(executor_, monitoring_.close(), asio::detached);
    if (!installation_) return;
    installation_->bridge.cancel();
    auto stopping = installation_->bridge.stop_listening();
    asio::co_spawn(executor_, std::move(stopping), asio::detached);
}

ExitCode run_service(const CommandLine& arguments, config::Settings settings) {
    return with_failures_reported(arguments.config, [&] {
        ServiceManager().status("opening the state");
        asio::io_context io(1);
        Service service(io.get_executor(), arguments.config, std::move(settings));
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
        auto informing_ended = [&](std::exception_ptr error) {
            if (error) ends_service(std::move(error));
        };
        asio::co_spawn(io, service.inform_manager(), informing_ended);
        io.run();
        if (failure) std::rethrow_exception(failure);
        return ExitCode::ok;
    });
}

} // namespace medibridge::daemon
