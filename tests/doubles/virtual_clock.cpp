#include "virtual_clock.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace medibridge::tests {

namespace asio = boost::asio;

runtime::Task<void> VirtualClock::sleep_until(runtime::TimePoint when) {
    ++sleeps_;
    shortest_ = std::min(shortest_, when - now_);
    asio::steady_timer timer(executor_);
    timer.expires_at(asio::steady_timer::time_point::max());
    const auto place = sleepers_.emplace(when, &timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    sleepers_.erase(place);
}

void VirtualClock::wake() {
    for (const auto& [when, timer] : sleepers_)
        timer->cancel();
}

bool VirtualClock::advance() {
    if (sleepers_.empty()) return false;
    now_ = std::max(now_, sleepers_.begin()->first);
    sleepers_.begin()->second->cancel();
    return true;
}

} // namespace medibridge::tests
