#pragma once

#include "base/runtime/task.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace medibridge::runtime {

/// Something to wait for on the io thread, as with a condition variable. It has no memory: a waiter
/// checks its condition again after each wake-up.
class Signal {
  public:
    explicit Signal(const boost::asio::any_io_executor& executor);
    ~Signal();

    /// Ends with the next notify(). The signal must live until then.
    Task<void> wait();
    /// Wakes all current waiters.
    void notify();

  private:
    struct Timer;
    std::unique_ptr<Timer> timer_;
};

/// A coroutine that runs beside the one that started it, on the same executor.
///
/// Must be joined before it is destroyed; join() rethrows what the coroutine threw.
class Background {
  public:
    /// Starts `task` at once.
    Background(boost::asio::any_io_executor executor, Task<void> task);
    ~Background();
    Background(Background&&) noexcept;
    Background& operator=(Background&&) noexcept;

    Task<void> join();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Awaits `work(0)` … `work(count - 1)`, at most `width` of them at once, started in that order. If
/// one throws, no more are started; the first exception is rethrown once all have ended.
Task<void> for_each_concurrently(std::size_t count, std::size_t width,
                                 std::function<Task<void>(std::size_t)> work);

} // namespace medibridge::runtime
