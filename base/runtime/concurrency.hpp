#pragma once

#include "base/runtime/task.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace medibridge::runtime {

/// A coroutine that runs beside the one that started it, on the same executor.
///
/// Must be joined before it goes; join() rethrows what the coroutine threw.
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

/// Awaits `work(0)` … `work(count - 1)`, at most `width` of them at once, started in that order.
/// When one throws, no further ones start; the first exception is rethrown once all have ended.
Task<void> for_each_concurrently(std::size_t count, std::size_t width,
                                 std::function<Task<void>(std::size_t)> work);

} // namespace medibridge::runtime
