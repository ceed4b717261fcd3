#include "daemon/standstill.hpp"

#include <gtest/gtest.h>

namespace medibridge::daemon {
namespace {

using namespace std::chrono_literals;

class StandstillTest : public testing::Test {
  protected:
    bool after(std::chrono::seconds pause) {
        now_ += pause;
        return standstill_.note(sent, now_);
    }
    control::RequestCounts sent;

  private:
    Standstill standstill_;
    runtime::TimePoint now_{1'000s};
};

TEST_F(StandstillTest, RefusalsForTheRateAreNoProgress) {
    EXPECT_FALSE(after(0s));
    for (int minute = 1; minute < 10; ++minute) {
        ++sent.get;
        ++sent.rate_limited;
        EXPECT_FALSE(after(1min)) << minute;
    }
    EXPECT_TRUE(after(1min));
}

TEST_F(StandstillTest, ARunThatComesOnSlowlyIsNone) {
    EXPECT_FALSE(after(0s));
    for (int i = 0; i < 20; ++i) {
        switch (i % 4) {
        case 0:
            ++sent.get;
            break;
        case 1:
            ++sent.post;
            break;
        case 2:
            ++sent.put;
            break;
        default:
            ++sent.his;
        }
        EXPECT_FALSE(after(9min));
    }
}

} // namespace
} // namespace medibridge::daemon
