#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "daemon/bridge.hpp"
#include "daemon/episodes.hpp"
#include "daemon/logging.hpp"
#include "daemon/state_keys.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace medibridge::daemon {

using MakeLog = std::function<std::unique_ptr<log::EventLog>(const config::LogSettings& settings,
                                                             const reconcile::Digester& digester)>;

/// One configuration and everything made from it. What the bridge refers to stands before it.
struct Installation {
    Installation(boost::asio::any_io_executor executor, config::Settings its_settings,
                 runtime::Clock& clock, sync::Observer& observer, std::function<void()> on_arrival,
                 std::shared_ptr<figures::Meters> meters = std::make_shared<figures::Meters>(),
                 const MakeLog& log_of = make_log, OnFault on_fault = {})
        : settings(std::move(its_settings)),
          keys(make_state_keys(settings.state, false)),
          output(log_of(settings.log, keys.digester)),
          log(std::make_unique<EpisodeLog>(*output, episodes_file(settings.state.path))),
          bridge(std::move(executor), settings, clock, *log, keys, observer, false,
                 std::move(on_arrival), std::move(meters), std::move(on_fault)) {}

    config::Settings settings;
    StateKeys keys;
    std::unique_ptr<log::EventLog> output;
    std::unique_ptr<EpisodeLog> log;
    Bridge bridge;
};

} // namespace medibridge::daemon
