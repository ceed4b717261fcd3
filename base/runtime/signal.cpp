#include "base/runtime/signal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

namespace medibridge::runtime {

namespace asio = boost::asio;

/// Never expires: cancelling it ends the waits.
struct Signal::Timer {
    explicit Timer(const asio::any_io_executor& executor)
        : never(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer never;
};

Signal::Signal(const asio::any_io_executor& executor) : timer_(std::make_unique<Timer>(executor)) {}

Signal::~Signal() = default;

Task<void> Signal::wait() {
    co_await timer_->never.async_wait(asio::as_tuple(asio::use_awaitable));
}

void Signal::notify() {
    timer_->never.cancel();
}

} // namespace medibridge::runtime
