#include "bridge_cycle.hpp"

#include "daemon/bridge.hpp"
#include "daemon/state_keys.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

namespace medibridge::tests {

sync::Report run_bridge(const config::Settings& settings, log::EventLog& log) {
    boost::asio::io_context io(1);
    runtime::SteadyClock clock(io.get_executor());
    sync::Observer observer;
    const auto keys = daemon::make_state_keys(settings.state, false);
    daemon::Bridge bridge(io.get_executor(), settings, clock, log, keys, observer, false);
    std::exception_ptr error;
    sync::Report result;
    auto on_end = [&](std::exception_ptr thrown, sync::Report report) {
        error = std::move(thrown);
        result = std::move(report);
        bridge.cancel();
    };
    boost::asio::co_spawn(io, bridge.run_cycle(sync::Request()), on_end);
    io.run();
    if (error) std::rethrow_exception(error);
    return result;
}

} // namespace medibridge::tests
