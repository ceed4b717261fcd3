#pragma once

#include "base/runtime/clock.hpp"

#include <algorithm>

namespace medibridge::tests {

/// Time that passes only when somebody sleeps, at once.
class JumpingClock final : public runtime::Clock {
  public:
    runtime::TimePoint now() const override { return now_; }
    runtime::Task<void> sleep_until(runtime::TimePoint when) override {
        now_ = std::max(now_, when);
        co_return;
    }
    void wake() override {}

  private:
    runtime::TimePoint now_{};
};

} // namespace medibridge::tests
