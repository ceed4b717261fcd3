#include "daemon/once.hpp"

#include "base/log/catalogue.hpp"
#include "config/site.hpp"
#include "control/cycle_json.hpp"
#include "daemon/addressed_log.hpp"
#include "daemon/announcement.hpp"
#include "daemon/bridge.hpp"
#include "daemon/cycle_queue.hpp"
#include "daemon/cycle_runner.hpp"
#include "daemon/cycle_watch.hpp"
#include "daemon/episodes.hpp"
#include "daemon/failures.hpp"
#include "daemon/installation.hpp"
#include "daemon/logging.hpp"
#include "daemon/results.hpp"
#include "daemon/service_backend.hpp"
#include "daemon/standstill.hpp"
#include "daemon/state_keys.hpp"
#include "daemon/terminal.hpp"
#include "daemon/wall_clock.hpp"
#include "state/store.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

namespace medibridge::daemon {

namespace asio = boost::asio;
using runtime::Task;

namespace {

/// How long requests that are under way may take once the run is asked to end.
constexpr std::chrono::seconds end_limit{20};

/// How often is looked whether the run comes on.
constexpr std::chrono::seconds standstill_look{10};

Task<control::CycleEnd> rehearse(Bridge& bridge, runtime::Clock& clock, sync::Request request) {
    const auto started = clock.now();
    control::CycleEnd end;
    end.report = co_await bridge.run_cycle(std::move(request));
    end.waiting = co_await bridge.waiting();
    end.requests = bridge.requests();
    end.duration = clock.now() - started;
    co_return end;
}

/// The log on a terminal that a progress line is drawn on.
class OwnTerminalLog final : public log::EventLog {
  public:
    OwnTerminalLog(std::unique_ptr<log::EventLog> inner, ProgressLine& progress)
        : inner_(std::move(inner)),
          shown_(*inner_, progress) {}
    void write(const log::Event& event) override { shown_.write(event); }

  private:
    std::unique_ptr<log::EventLog> inner_;
    TerminalLog shown_;
};

/// Says with each event that it is a dry run's, for whoever finds the lines in a journal.
class DryRunLog final : public log::EventLog {
  public:
    explicit DryRunLog(log::EventLog& next) : next_(&next) {}
    void write(const log::Event& event) override {
        auto told = event;
        const auto has_detail = [](const auto& field) { return field.first == log::Key::detail; };
        if (std::ranges::none_of(event.fields(), has_detail))
            told.add(log::Key::detail, "dry run: nothing is sent or kept");
        next_->write(told);
    }

  private:
    log::EventLog* next_;
};

std::string work_of(const CommandLine& arguments) {
    if (arguments.dry_run) return "sync --dry-run";
    if (arguments.accept_mapping) return "accept-mapping";
    if (arguments.accept_rewind) return "accept-rewind";
    if (arguments.accept_space) return "accept-space";
    return arguments.full ? "sync --full" : "sync";
}

/// The same work beside a service that owns the state.
std::string command_beside_service(const CommandLine& arguments) {
    return "medibridgectl " + work_of(arguments);
}

/// What `open` returns, which opens the state. Where the service owns that, the error says what to
/// run instead.
template <class Open>
auto opened(const CommandLine& arguments, Open&& open) {
    try {
        return std::forward<Open>(open)();
    } catch (const state::StoreError& error) {
        if (error.kind() != state::StoreError::Kind::locked) throw;
        throw state::StoreError(error.kind(), std::string(error.what()) + "; for this run: " +
                                                  command_beside_service(arguments));
    }
}

/// Asks the run to end on a signal, at the deadline, or where it does not come on, and cancels what
/// then takes too long.
class Interruption {
  public:
    Interruption(asio::io_context& io, Bridge& bridge, runtime::Clock& clock,
                 std::chrono::milliseconds deadline)
        : bridge_(&bridge),
          clock_(&clock),
          signals_(io, SIGINT, SIGTERM),
          deadline_(io),
          look_(io),
          drain_(io) {
        watch();
        signals_.async_wait([this](const boost::system::error_code& error, int) {
            if (!error) end();
        });
        if (deadline.count() == 0) return;
        deadline_.expires_after(deadline);
        deadline_.async_wait([this](const boost::system::error_code& error) {
            if (!error) end();
        });
    }

    void cancel() {
        signals_.cancel();
        deadline_.cancel();
        look_.cancel();
        drain_.cancel();
    }

  private:
    void watch() {
        look_.expires_after(standstill_look);
        look_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            if (standstill_.note(bridge_->requests(), clock_->now())) return end();
            watch();
        });
    }
    void end() {
        bridge_->stop();
        clock_->wake();
        drain_.expires_after(end_limit);
        drain_.async_wait([this](const boost::system::error_code& error) {
            if (!error) bridge_->cancel();
        });
    }

    Bridge* bridge_;
    runtime::Clock* clock_;
    asio::signal_set signals_;
    asio::steady_timer deadline_;
    asio::steady_timer look_;
    asio::steady_timer drain_;
    Standstill standstill_;
};

control::CycleEnd run_to_the_end(asio::io_context& io, Bridge& bridge, runtime::Clock& clock,
                                 const config::Settings& settings, Task<control::CycleEnd> work) {
    Interruption interruption(io, bridge, clock, settings.sync.deadline);
    std::exception_ptr error;
    std::optional<control::CycleEnd> ending;
    auto on_end = [&](std::exception_ptr thrown, control::CycleEnd result) {
        error = std::move(thrown);
        ending = std::move(result);
        interruption.cancel();
        bridge.cancel(); // nothing is under way: closes kept connections
    };
    asio::co_spawn(io, std::move(work), on_end);
    io.run();
    if (error) std::rethrow_exception(error);
    return std::move(*ending);
}

/// A cycle, unless an operator has paused them.
Task<control::CycleEnd> run_unless_paused(ServiceBackend& backend, Bridge& bridge,
                                          CycleRunner& runner, sync::Request request,
                                          sync::Observer& observer) {
    co_await backend.recall();
    if (!backend.is_paused()) co_return co_await runner.run(std::move(request), &observer);
    control::CycleEnd end;
    end.report.outcome = sync::Outcome::incomplete;
    end.report.reason = backend.pause_reason();
    end.waiting = co_await bridge.waiting();
    co_return end;
}

sync::Request request_of(const CommandLine& arguments) {
    sync::Request request;
    request.full = arguments.full || arguments.accept_rewind || arguments.accept_mapping ||
                   arguments.accept_space;
    const auto all = sync::Consent::to_all_that_is_found();
    if (arguments.accept_mapping) request.accept_mapping = all;
    if (arguments.accept_rewind) request.accept_rewind = all;
    if (arguments.accept_space) request.accept_space = all;
    request.dry_run = arguments.dry_run;
    request.only_source = arguments.source;
    return request;
}

/// On a private copy of the state; with keys of its own where there is none.
control::CycleEnd rehearse_once(const CommandLine& arguments, const config::Settings& settings,
                                ProgressLine& progress) {
    asio::io_context io(1);
    runtime::SteadyClock clock(io.get_executor());
    const auto keys = opened(arguments, [&] { return make_state_keys(settings.state, true); });
    OwnTerminalLog terminal(addressed_log(make_log(settings.log, keys.digester), arguments.config),
                            progress);
    DryRunLog dry(terminal);
    EpisodeLog log(dry, {});
    const auto bridge = opened(arguments, [&] {
        return std::make_unique<Bridge>(io.get_executor(), settings, clock, log, keys, progress,
                                        true);
    });
    announce_exposures(settings, log);
    announce_unseen(settings, log);
    auto end = run_to_the_end(io, *bridge, clock, settings,
                              rehearse(*bridge, clock, request_of(arguments)));
    log.conclude(end.report);
    return end;
}

control::CycleEnd cycle_once(const CommandLine& arguments, const config::Settings& settings,
                             ProgressLine& progress) {
    asio::io_context io(1);
    runtime::SteadyClock clock(io.get_executor());
    CycleWatch watch;
    CycleQueue queue(io.get_executor(), [] {});
    ServiceBackend backend(arguments.config, watch, queue, [] {}, [] {});
    const auto meters = std::make_shared<figures::Meters>();
    const auto log_of = [&](const config::LogSettings& its, const reconcile::Digester& digester) {
        return std::make_unique<OwnTerminalLog>(
            addressed_log(make_log(its, digester), arguments.config), progress);
    };
    const auto installation = opened(arguments, [&] {
        return std::make_unique<Installation>(
            io.get_executor(), settings, clock, watch, [] {}, meters, log_of);
    });
    auto& log = *installation->log;
    log.tell_again();
    backend.attach(installation.get());
    watch.set_sources(settings.his, *meters);
    CycleRunner runner(io.get_executor(), clock, watch, backend);
    runner.attach(*installation);
    announce_exposures(settings, log);
    announce_unseen(settings, log);
    auto end = run_to_the_end(
        io, installation->bridge, clock, settings,
        run_unless_paused(backend, installation->bridge, runner, request_of(arguments), progress));
    log.conclude(end.report);
    return end;
}

/// Commands that are suggested name the configuration where that is needed.
void address_commands(sync::Report& report, const std::filesystem::path& config_file) {
    report.reason = config::addressed(report.reason, config_file);
    for (auto& alarm : report.alarms)
        alarm.reason = config::addressed(alarm.reason, config_file);
}

/// What is told of a run that is failing: whoever reads the JSON gets their object.
control::CycleEnd without_a_cycle(const std::filesystem::path& config_file) {
    control::CycleEnd end;
    end.report.outcome = sync::Outcome::incomplete;
    end.report.reason = config::addressed(describe(std::current_exception()).text, config_file);
    return end;
}

} // namespace

ExitCode run_once(const CommandLine& arguments, const config::Settings& settings) {
    const bool as_text = arguments.output == Output::text;
    ProgressLine progress(std::cerr, as_text && isatty(STDERR_FILENO) != 0, std::cout,
                          as_text && arguments.dry_run);
    const auto run = [&] {
        try {
            return arguments.dry_run ? rehearse_once(arguments, settings, progress)
                                     : cycle_once(arguments, settings, progress);
        } catch (...) {
            if (!as_text)
                std::cout << control::to_json(without_a_cycle(arguments.config)) << std::endl;
            throw;
        }
    };
    return with_failures_reported(arguments.config, [&] {
        auto end = run();
        address_commands(end.report, arguments.config);
        progress.clear();
        if (as_text) {
            const auto text = to_text(end, arguments.dry_run, wall_clock_ms());
            std::cout << config::addressed(text, arguments.config); // and its own hints
        } else {
            std::cout << control::to_json(end, arguments.dry_run) << '\n';
        }
        std::cout.flush();
        return exit_code(end, arguments.strict);
    });
}

} // namespace medibridge::daemon
