#include "base/runtime/clock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>

namespace medibridge::runtime {

namespace asio = boost::asio;

struct SteadyClock::Sleepers {
    std::list<asio::steady_timer*> timers;
};

SteadyClock::SteadyClock(asio::any_io_executor executor)
    : executor_(std::move(executor)),
      sleepers_(std::make_unique<Sleepers>()) {}

SteadyClock::~SteadyClock() = default;

TimePoint SteadyClock::now() const {
    return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

Task<void> SteadyClock::sleep_until(TimePoint when) {
    asio::steady_timer timer(executor_);
    timer.expires_at(when);
    const auto place = sleepers_->timers.insert(sleepers_->timers.end(), &timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    sleepers_->timers.erase(place);
}

void SteadyClock::wake() {
    for (auto* timer : sleepers_->timers)
        timer->cancel();
}

} // namespace medibridge::runtime
