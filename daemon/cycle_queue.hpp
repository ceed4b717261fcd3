#pragma once

#include "base/runtime/concurrency.hpp"
#include "control/backend.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::daemon {

/// A cycle that somebody asked for, and waits for.
class AskedCycle {
  public:
    AskedCycle(const boost::asio::any_io_executor& executor, sync::Request request,
               sync::Observer& observer)
        : request_(std::move(request)),
          observer_(&observer),
          done_(executor) {}

    const sync::Request& request() const { return request_; }
    sync::Observer& observer() const { return *observer_; }
    void conclude(control::CycleEnd end);
    void fail(std::exception_ptr error);

    /// What it was concluded with; throws what it failed with.
    runtime::Task<control::CycleEnd> result();

  private:
    sync::Request request_;
    sync::Observer* observer_;
    runtime::Signal done_;
    std::optional<control::CycleEnd> end_;
    std::exception_ptr error_;
};

/// Cycles that were asked for and wait for their turn.
class CycleQueue {
  public:
    /// So many may wait.
    static constexpr std::size_t most = 16;

    /// `on_arrival` is called with each that comes.
    CycleQueue(boost::asio::any_io_executor executor, std::function<void()> on_arrival)
        : executor_(std::move(executor)),
          on_arrival_(std::move(on_arrival)) {}

    /// Awaits the end of the cycle. Throws control::Unavailable where it will not be run, and what
    /// the cycle throws. The observer lives until then.
    runtime::Task<control::CycleEnd> ask(sync::Request request, sync::Observer& observer);

    bool empty() const { return waiting_.empty(); }
    std::size_t size() const { return waiting_.size(); }
    /// The one that has waited longest; it must come to an end.
    std::shared_ptr<AskedCycle> take();
    /// None that waits will be run; `why` says so, and the next step.
    void refuse_all(const std::string& why);
    /// And none that comes later.
    void close(const std::string& why);

  private:
    boost::asio::any_io_executor executor_;
    std::function<void()> on_arrival_;
    std::deque<std::shared_ptr<AskedCycle>> waiting_;
    std::string closed_; ///< why; empty: it is not
};

} // namespace medibridge::daemon
