#pragma once

#include "base/runtime/task.hpp"

#include <chrono>
#include <memory>

namespace medibridge::runtime {

using Duration = std::chrono::milliseconds;
/// Monotonic: it measures elapsed time and says nothing about dates.
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

/// Asks running work to stop between two items. Requested on the io thread, and never withdrawn.
class Stop {
  public:
    bool requested() const { return requested_; }
    void request() { requested_ = true; }

  private:
    bool requested_ = false;
};

/// Elapsed time and waiting. Tests replace it with virtual time.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimePoint now() const = 0;
    /// Waits until `when`, or until wake() is called. Never throws.
    virtual Task<void> sleep_until(TimePoint when) = 0;
    /// Ends all current sleeps at once; later sleeps are not affected.
    virtual void wake() = 0;

    Task<void> sleep_for(Duration duration) { return sleep_until(now() + duration); }
};

/// The machine's steady clock.
class SteadyClock final : public Clock {
  public:
    explicit SteadyClock(boost::asio::any_io_executor executor);
    ~SteadyClock() override;

    TimePoint now() const override;
    Task<void> sleep_until(TimePoint when) override;
    void wake() override;

  private:
    struct Sleepers;
    boost::asio::any_io_executor executor_;
    std::unique_ptr<Sleepers> sleepers_;
};

} // namespace medibridge::runtime
