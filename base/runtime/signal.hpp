#pragma once

#include "base/runtime/task.hpp"

#include <memory>

namespace medibridge::runtime {

/// Something to wait for on the io thread, as with a condition variable. It remembers nothing:
/// who waits looks anew at what he waits for after each wake-up.
class Signal {
  public:
    explicit Signal(const boost::asio::any_io_executor& executor);
    ~Signal();

    /// Ends with the next notify(). The signal must live until then.
    Task<void> wait();
    /// Wakes all who wait now.
    void notify();

  private:
    struct Timer;
    std::unique_ptr<Timer> timer_;
};

} // namespace medibridge::runtime
