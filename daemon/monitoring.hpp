#pragma once

#include "base/figures/meters.hpp"
#include "base/http/server.hpp"
#include "base/runtime/concurrency.hpp"
#include "control/monitoring/pages.hpp"
#include "control/monitoring/snapshot.hpp"
#include "daemon/cycle_queue.hpp"
#include "daemon/cycle_watch.hpp"
#include "daemon/installation.hpp"
#include "daemon/service_backend.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <memory>
#include <optional>

namespace medibridge::daemon {

/// Health and metrics at `http.listen`. What is wrong with the listener is logged, and does not
/// keep the service from its work. A scrape waits for nothing: what the state says is read after
/// each cycle, and beside a scrape that finds it old, for the next one.
class Monitoring {
  public:
    /// All outlive it.
    Monitoring(const boost::asio::any_io_executor& executor, const ServiceBackend& backend,
               const CycleWatch& watch, const CycleQueue& queue);

    /// Where the service counts what it does.
    const std::shared_ptr<figures::Meters>& meters() const { return meters_; }

    /// Shows this installation from now on, where its settings say and nowhere else.
    runtime::Task<void> open(Installation& installation);
    /// Reads what the state says. Throws StoreError.
    runtime::Task<void> read_state();
    /// The installation may go: until open() there is none. Who asks meanwhile is answered.
    runtime::Task<void> pause();
    runtime::Task<void> close();

  private:
    monitoring::Snapshot look();
    void read_state_beside();
    runtime::Task<void> try_to_read_state();
    runtime::Task<void> listen(const config::Settings& settings, log::EventLog& log);

    boost::asio::any_io_executor executor_;
    const ServiceBackend* backend_;
    const CycleWatch* watch_;
    const CycleQueue* queue_;
    std::shared_ptr<figures::Meters> meters_ = std::make_shared<figures::Meters>();
    Installation* installation_ = nullptr;
    std::optional<config::ListenAddress> listens_;
    std::optional<monitoring::StateNumbers> state_;
    std::chrono::steady_clock::time_point state_read_at_{};
    std::optional<runtime::Background> reading_;
    bool is_reading_ = false;
    std::int64_t started_ms_;
    monitoring::Pages pages_;
    http::Server server_;
};

} // namespace medibridge::daemon
