#pragma once

#include "base/runtime/clock.hpp"
#include "daemon/cycle_watch.hpp"
#include "daemon/installation.hpp"
#include "daemon/rehearsal.hpp"
#include "daemon/service_backend.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

namespace medibridge::daemon {

/// Runs the cycles of an installation, one at a time, for the service and for whoever opens the
/// state where none runs. All that is given by reference outlives it.
class CycleRunner {
  public:
    CycleRunner(boost::asio::any_io_executor executor, runtime::Clock& clock, CycleWatch& watch,
                ServiceBackend& backend)
        : executor_(std::move(executor)),
          clock_(&clock),
          watch_(&watch),
          backend_(&backend) {}

    /// Whose cycles are run from now on. Not in the middle of one.
    void attach(Installation& installation) { installation_ = &installation; }

    /// A cycle; an erasure that was cut off is settled before it, or it would meet a
    /// patient who is half erased. `listener` may be null. Throws what the cycle throws; the watch
    /// knows of it then.
    runtime::Task<control::CycleEnd> run(sync::Request request, sync::Observer* listener);
    /// A cycle of arrivals. Of a hundred a second only what they did is told. Throws as run().
    runtime::Task<sync::Report> take_arrivals(sync::Request request);
    /// A dry run, on a copy of the state. Throws as Bridge does.
    runtime::Task<control::CycleEnd> rehearse(sync::Request request, sync::Observer& listener);

    bool is_rehearsing() const { return rehearsing_; }
    /// Lets a rehearsal end between two items; also one that is about to begin.
    void stop();
    void cancel();

  private:
    runtime::Task<void> settle_erasure();

    boost::asio::any_io_executor executor_;
    runtime::Clock* clock_;
    CycleWatch* watch_;
    ServiceBackend* backend_;
    Installation* installation_ = nullptr;
    std::unique_ptr<Rehearsal> rehearsal_; ///< null: none is under way
    bool rehearsing_ = false;              ///< one is under way, or about to begin
    bool stopped_ = false;                 ///< it is to end
};

} // namespace medibridge::daemon
