#include "daemon/trouble.hpp"

#include "daemon/failures.hpp"
#include "state/store.hpp"

#include <gtest/gtest.h>
#include <new>

namespace medibridge::daemon {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

runtime::TimePoint at(seconds time) {
    return runtime::TimePoint(time);
}

template <class Failure>
FailureReport described(const Failure& failure) {
    return describe(std::make_exception_ptr(failure));
}

TEST(Trouble, IsOneEpisodeHoweverOftenItComes) {
    Trouble trouble;
    EXPECT_FALSE(trouble.end(at(seconds(1))));
    EXPECT_TRUE(trouble.begin(at(seconds(10))));
    EXPECT_FALSE(trouble.begin(at(seconds(20))));
    EXPECT_EQ(trouble.end(at(seconds(50))), seconds(40));
    EXPECT_FALSE(trouble.end(at(seconds(60))));
    EXPECT_TRUE(trouble.begin(at(seconds(70)))) << "another one";
}

TEST(Trouble, IsTriedAgainEverMoreSlowlyUpToALimit) {
    Trouble trouble;
    EXPECT_EQ(trouble.pause(minutes(1)), minutes(1));
    std::vector<runtime::Duration> pauses;
    for (int i = 0; i < 6; ++i) {
        trouble.begin(at(seconds(i)));
        pauses.push_back(trouble.pause(minutes(1)));
    }
    EXPECT_EQ(pauses, (std::vector<runtime::Duration>{minutes(1), minutes(2), minutes(4),
                                                      minutes(8), minutes(10), minutes(10)}));
    EXPECT_EQ(trouble.pause(minutes(30)), minutes(30)) << "never sooner than the interval";
    trouble.end(at(seconds(9)));
    EXPECT_EQ(trouble.pause(minutes(1)), minutes(1));
}

TEST(Failures, OnlyAStateThatNoWaitingMendsIsFinal) {
    using state::StoreError;
    using Kind = StoreError::Kind;
    for (const auto kind : {Kind::damaged, Kind::not_ours, Kind::too_new})
        EXPECT_TRUE(described(StoreError(kind, "x")).is_final);
    for (const auto kind : {Kind::unavailable, Kind::locked})
        EXPECT_FALSE(described(StoreError(kind, "x")).is_final);
    EXPECT_FALSE(described(std::bad_alloc()).is_final);
    EXPECT_FALSE(described(std::runtime_error("x")).is_final);
}

} // namespace
} // namespace medibridge::daemon
