#include "daemon/local_state.hpp"

#include "base/runtime/concurrency.hpp"
#include "control/api.hpp"
#include "daemon/cycle_runner.hpp"
#include "daemon/failures.hpp"
#include "daemon/local_files.hpp"
#include "daemon/service_backend.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <optional>
#include <unistd.h>
#include <utility>

namespace medibridge::daemon {

namespace asio = boost::asio;
using runtime::Task;

namespace {

/// Takes an answer in memory.
class KeptAnswer final : public http::ResponseWriter {
  public:
    explicit KeptAnswer(const OnLine& on_line) : on_line_(&on_line) {}

    Task<void> answer(int status, std::string_view, std::string body) override {
        answer_ = {status, false, std::move(body)};
        co_return;
    }
    Task<void> begin(std::string_view) override {
        answer_ = {200, true, {}};
        co_return;
    }
    Task<bool> line(std::string text) override {
        if (*on_line_) (*on_line_)(text);
        co_return true;
    }
    bool gone() const override { return false; }
    bool begun() const override { return answer_.is_lines; }

    LocalAnswer take() { return std::move(answer_); }

  private:
    const OnLine* on_line_;
    LocalAnswer answer_;
};

/// The log of a program that somebody watches holds what they must act on.
config::Settings quietly(config::Settings settings) {
    settings.log.level = config::LogLevel::error;
    return settings;
}

/// What only a cycle of this process finds out.
bool asks_for_guard(const http::ServerRequest& request) {
    return request.path.back() == "guard" || request.body.contains("\"accept\"");
}

} // namespace

struct LocalState::Parts {
    Parts(std::filesystem::path config_file, config::Settings settings, std::uint32_t its_uid)
        : io(1),
          executor(io.get_executor()),
          uid(its_uid),
          clock(executor),
          arrival(executor),
          queue(executor, [this] { arrival.notify(); }),
          backend(
              std::move(config_file), watch, queue, [] {}, [] {}),
          installation(
              executor, quietly(std::move(settings)), clock, watch, [] {}, meters),
          runner(executor, clock, watch, backend),
          api(backend, ::geteuid()) {
        backend.is_service = false;
        backend.attach(&installation);
        runner.attach(installation);
        backend.keep_findings({});
        watch.set_sources(installation.settings.his, *meters);
    }

    ~Parts() {
        installation.bridge.cancel();
        // What awaits the end of a connection must find the bridge.
        io.restart();
        io.run();
    }

    Task<void> handle(const http::ServerRequest& request, http::ResponseWriter& writer);
    /// Cycles that are asked for, until the request is answered.
    Task<void> run_cycles();
    Task<void> run(AskedCycle& asked);
    /// A dry run, for the guard that would stop a cycle.
    Task<void> look_for_guard();
    void interrupt(int signal);

    asio::io_context io;
    asio::any_io_executor executor;
    std::uint32_t uid;
    runtime::SteadyClock clock;
    runtime::Signal arrival;
    std::shared_ptr<figures::Meters> meters = std::make_shared<figures::Meters>();
    CycleWatch watch;
    CycleQueue queue;
    ServiceBackend backend;
    Installation installation;
    CycleRunner runner;
    control::Api api;
    bool answered = false;
    bool interrupted = false;
    bool looked_for_guard = false;
    bool only_looks = false; ///< the request that is being answered
    std::function<void()> tidy = [] {};
};

Task<void> LocalState::Parts::handle(const http::ServerRequest& request,
                                     http::ResponseWriter& writer) {
    co_await backend.recall();
    backend.end_expired_pause();
    if (asks_for_guard(request) && !std::exchange(looked_for_guard, true))
        co_await look_for_guard();
    runtime::Background cycles(executor, run_cycles());
    std::exception_ptr error;
    try {
        co_await api.handle(request, writer);
    } catch (...) {
        error = std::current_exception();
    }
    answered = true;
    arrival.notify();
    co_await cycles.join();
    if (error) std::rethrow_exception(error);
}

Task<void> LocalState::Parts::run_cycles() {
    while (!answered) {
        if (queue.empty()) {
            co_await arrival.wait();
        } else {
            const auto asked = queue.take();
            co_await run(*asked);
        }
    }
}

Task<void> LocalState::Parts::run(AskedCycle& asked) {
    std::exception_ptr failure;
    control::CycleEnd end;
    try {
        if (asked.request().dry_run)
            end = co_await runner.rehearse(asked.request(), asked.observer());
        else
            end = co_await runner.run(asked.request(), &asked.observer());
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure)
        asked.fail(failure);
    else
        asked.conclude(std::move(end));
}

Task<void> LocalState::Parts::look_for_guard() {
    sync::Observer nobody;
    sync::Request request;
    request.dry_run = true;
    request.looks_for_guards = true;
    const auto end = co_await runner.rehearse(std::move(request), nobody);
    watch.end(end.report, installation.bridge.condition(), wall_clock_ms());
}

void LocalState::Parts::interrupt(int signal) {
    if (only_looks || runner.is_rehearsing()) {
        // Nothing is to be finished, and a side that does not answer would be waited for.
        tidy();
        std::signal(signal, SIG_DFL);
        std::raise(signal);
    }
    if (interrupted) {
        installation.bridge.cancel();
        return;
    }
    interrupted = true;
    installation.bridge.stop();
    clock.wake();
}

LocalState::LocalState(std::filesystem::path config_file, config::Settings settings,
                       std::uint32_t uid)
    : parts_(std::make_unique<Parts>(std::move(config_file), std::move(settings), uid)) {}

LocalState::~LocalState() = default;

void LocalState::before_end(std::function<void()> tidy) {
    parts_->tidy = std::move(tidy);
}

void LocalState::stand_in_for(std::filesystem::path state) {
    parts_->backend.state_to_come = std::move(state);
}

LocalAnswer LocalState::answer(std::string_view method, std::string_view target,
                               const std::string& body, const OnLine& on_line) {
    http::ServerRequest request;
    request.method = method;
    request.body = body;
    request.peer = http::PeerCredentials{parts_->uid, ::getgid(), ::getpid()};
    if (const auto fault = http::read_target(target, request); !fault.empty())
        return {400, false, control::refusal_body(400, fault).text};
    KeptAnswer kept(on_line);
    // Only while something is under way: at a prompt Ctrl-C ends the program as ever.
    asio::signal_set signals(parts_->executor, SIGINT, SIGTERM);
    std::function<void()> listen = [&] {
        signals.async_wait([&](const boost::system::error_code& error, int signal) {
            if (error) return;
            parts_->interrupt(signal);
            listen();
        });
    };
    listen();
    parts_->answered = false;
    parts_->only_looks = method == "GET";
    std::optional<std::exception_ptr> ended;
    asio::co_spawn(parts_->executor, parts_->handle(request, kept),
                   [&](std::exception_ptr error) { ended = std::move(error); });
    parts_->io.restart();
    while (!ended)
        parts_->io.run_one();
    signals.cancel();
    parts_->io.poll(); // the waits that were cancelled
    if (*ended) std::rethrow_exception(*ended);
    return kept.take();
}

std::unique_ptr<LocalState> open_local_state(std::filesystem::path config_file,
                                             config::Settings settings, std::uint32_t uid) {
    try {
        return std::make_unique<LocalState>(std::move(config_file), std::move(settings), uid);
    } catch (...) {
        const auto what = describe(std::current_exception());
        throw LocalFailure(what.exit, "no daemon answers on its socket, and " + what.text);
    }
}

} // namespace medibridge::daemon
