#pragma once

#include "base/runtime/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <map>

namespace medibridge::tests {

/// Time that passes only when nothing else can happen: whoever drives the io context calls
/// advance() once it has run dry.
class VirtualClock final : public runtime::Clock {
  public:
    explicit VirtualClock(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    runtime::TimePoint now() const override { return now_; }
    runtime::Task<void> sleep_until(runtime::TimePoint when) override;
    void wake() override;

    /// Lets the earliest sleeper go on at its time; false if nobody sleeps.
    bool advance();
    /// Lets time pass while nobody sleeps.
    void pass(runtime::Duration duration) { now_ += duration; }
    std::int64_t sleeps() const { return sleeps_; }
    /// The shortest sleep that anybody asked for.
    runtime::Duration shortest() const { return shortest_; }

  private:
    boost::asio::any_io_executor executor_;
    runtime::TimePoint now_{runtime::Duration(1'000'000)};
    std::multimap<runtime::TimePoint, boost::asio::steady_timer*> sleepers_;
    std::int64_t sleeps_ = 0;
    runtime::Duration shortest_{1'000'000'000};
};

} // namespace medibridge::tests
