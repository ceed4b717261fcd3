#include "base/log/catalogue.hpp"
#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/refusal.hpp"
#include "daemon/service_loop.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <utility>

/// What comes from outside: signals, and systemd's watchdog.
namespace medibridge::daemon {

namespace asio = boost::asio;
using log::Key;
using runtime::Task;

namespace {

/// How long requests that are under way may take once the service is asked to stop; systemd's
/// TimeoutStopSec is longer.
constexpr std::chrono::seconds drain_limit{20};
/// How soon systemd's line shows that a side does not answer.
constexpr std::chrono::milliseconds status_pause{2'000};

} // namespace

struct Service::Signals {
    explicit Signals(const asio::any_io_executor& executor)
        : signals(executor, SIGTERM, SIGINT, SIGHUP),
          watchdog(executor),
          drain(executor) {}

    asio::signal_set signals;
    asio::steady_timer watchdog;
    asio::steady_timer drain;
};

std::shared_ptr<Service::Signals> Service::make_signals(const asio::any_io_executor& executor) {
    return std::make_shared<Signals>(executor);
}

void Service::cancel_signals() {
    signals_->signals.cancel();
    signals_->watchdog.cancel();
    signals_->drain.cancel();
}

Task<void> Service::watch_signals() {
    while (!closed_) {
        const auto [error, signal] =
            co_await signals_->signals.async_wait(asio::as_tuple(asio::use_awaitable));
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
    signals_->drain.expires_after(drain_limit);
    signals_->drain.async_wait([this](const boost::system::error_code& error) {
        if (!error) cancel_work();
    });
}

void Service::reload() {
    auto loaded =
        config::load(config_file_, config::process_environment(), connectors::source_kinds());
    if (!loaded.settings) {
        auto reason = reason_of_refusal(loaded.mistakes);
        status_.note_refusal("the configuration was refused, the former one is used: " + reason);
        write(log::Event(log::events::config_refused).with(Key::reason, std::move(reason)));
        return;
    }
    manager_.reloading();
    reloaded_ = std::move(loaded.settings);
    queue_.refuse_all("the configuration is being reloaded: try again");
    stop_work();
}

Task<void> Service::inform_manager() {
    const auto period = manager_.watchdog_period();
    const std::chrono::milliseconds pause = std::min(period.value_or(status_pause), status_pause);
    while (!closed_) {
        if (period) manager_.feed_watchdog();
        if (installation_) {
            status_.show();
            tell_outages();
        }
        signals_->watchdog.expires_after(pause);
        co_await signals_->watchdog.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void Service::tell_outages() {
    for (const auto& outage : watch_.new_outages(backend_.now_ms()))
        installation_->bridge.note_outage(outage.side, outage.what,
                                          runtime::Duration(outage.lasted_ms));
}

void Service::stop_work() {
    installation_->bridge.stop();
    runner_.stop();
    clock_.wake();
    pauses_.wake();
}

void Service::cancel_work() {
    installation_->bridge.cancel();
    runner_.cancel();
}

} // namespace medibridge::daemon
