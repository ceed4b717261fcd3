#pragma once

#include "base/figures/meters.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/source/source.hpp"
#include "daemon/state_keys.hpp"
#include "state/database.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::daemon {

/// The configured sources at work.
class Sources {
  public:
    /// What each source is made with. All of it outlives the sources.
    struct Surroundings {
        boost::asio::any_io_executor executor;
        state::Database& database;
        const StateKeys& keys;
        runtime::Clock& clock;
        log::EventLog& log;
        reconcile::IdentityPolicy identity;
        bool dry_run = false;
        /// Called when something has arrived that a cycle would take; empty: nobody waits for it.
        std::function<void()> on_arrival;
        std::shared_ptr<figures::Meters> meters = std::make_shared<figures::Meters>();
        /// See connectors::SourceEnvironment.
        std::optional<int> most_attempts = {};
    };

    /// Throws as connectors::SourceKind::make().
    Sources(const std::vector<config::SourceSettings>& settings, const Surroundings& surroundings);

    /// In the order of the configuration.
    std::vector<connectors::Source*> all() const;
    /// Accepts messages from now on. Throws std::runtime_error for an address that cannot be used.
    void listen();
    /// Accepts nothing more; what was read is stored and answered first.
    runtime::Task<void> stop_listening();
    /// Ends what is being read, for good.
    void cancel();
    /// Requests sent so far.
    std::int64_t requests() const;

  private:
    std::vector<std::unique_ptr<connectors::Source>> sources_;
};

} // namespace medibridge::daemon
