#include "base/runtime/backoff.hpp"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

namespace medibridge::runtime {
namespace {

using std::chrono::milliseconds;

TEST(BackoffTest, SpreadsOverTheWholeRangeAndNeverLeavesIt) {
    Backoff backoff(milliseconds(500), milliseconds(20'000), 7);
    for (int failures = 1; failures <= 60; ++failures) {
        const auto range = std::min<std::int64_t>(20'000, 500LL << std::min(failures - 1, 20));
        milliseconds least(1'000'000);
        milliseconds most(0);
        for (int i = 0; i < 400; ++i) {
            const auto wait = backoff.wait(failures);
            least = std::min(least, wait);
            most = std::max(most, wait);
        }
        EXPECT_GE(least, Backoff::least_wait);
        EXPECT_LE(most.count(), range);
        EXPECT_LT(least.count(), std::max<std::int64_t>(51, range / 10)) << failures;
        EXPECT_GT(most.count(), range * 9 / 10) << failures;
    }
}

TEST(BackoffTest, TwoSeedsDoNotActInStep) {
    Backoff one(milliseconds(20'000), milliseconds(20'000), 1);
    Backoff other(milliseconds(20'000), milliseconds(20'000), 2);
    int close = 0;
    for (int i = 0; i < 200; ++i) {
        const auto gap = (one.wait(1) - other.wait(1)).count();
        close += std::abs(gap) < 100 ? 1 : 0;
    }
    EXPECT_LT(close, 20);
}

} // namespace
} // namespace medibridge::runtime
