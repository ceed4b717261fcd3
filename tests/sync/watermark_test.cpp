#include "reconcile/watermark.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

using namespace std::chrono_literals;

constexpr auto overlap = 5min;

Instant at(std::chrono::milliseconds since_noon) {
    return Instant(1'800'000'000'000ms + since_noon);
}

ReadResult read(std::optional<Instant> newest, std::optional<Instant> started_at) {
    return {newest, started_at, Precision::milliseconds};
}

TEST(Watermark, AsksForEverythingAtFirst) {
    EXPECT_EQ(poll_from({}, overlap), std::nullopt);
}

TEST(Watermark, AsksFromTheOverlapBeforeTheNewestStampAndOneUnitEarlier) {
    const auto mark = advance({}, read(at(0ms), at(0ms)), overlap);
    EXPECT_EQ(poll_from(mark, overlap), at(-overlap - 1ms));
    auto coarse = mark;
    coarse.precision = Precision::seconds;
    EXPECT_EQ(poll_from(coarse, overlap), at(-overlap - 1s));
}

TEST(Watermark, SettlesOnceTheSidesOwnClockHasMovedByTheOverlap) {
    auto mark = advance({}, read(at(0ms), at(2s)), overlap);
    mark = advance(mark, read(at(0ms), at(2s + overlap)), overlap);
    EXPECT_FALSE(mark.settled) << "the clock has a grain of a second";
    mark = advance(mark, read(at(0ms), at(3s + overlap)), overlap);
    EXPECT_TRUE(mark.settled);
    EXPECT_EQ(poll_from(mark, overlap), at(0ms));
}

TEST(Watermark, TheOffsetOfTheSidesClockDoesNotMatter) {
    for (const auto offset : {-1h, 0h, 1h}) {
        auto mark = advance({}, read(at(0ms), at(offset)), overlap);
        mark = advance(mark, read(at(0ms), at(offset + 4min)), overlap);
        EXPECT_FALSE(mark.settled);
        mark = advance(mark, read(at(0ms), at(offset + 6min)), overlap);
        EXPECT_TRUE(mark.settled);
    }
}

TEST(Watermark, ANewerStampIsUnsettledAgain) {
    auto mark = advance({}, read(at(0ms), at(0ms)), overlap);
    mark = advance(mark, read(std::nullopt, at(10min)), overlap);
    ASSERT_TRUE(mark.settled);
    mark = advance(mark, read(at(11min), at(12min)), overlap);
    EXPECT_FALSE(mark.settled);
    EXPECT_EQ(mark.stamp, at(11min));
}

TEST(Watermark, NeverMovesBack) {
    auto mark = advance({}, read(at(0ms), at(0ms)), overlap);
    mark = advance(mark, read(at(-1h), at(1min)), overlap);
    EXPECT_EQ(mark.stamp, at(0ms));
    mark = advance(mark, read(std::nullopt, std::nullopt), overlap);
    EXPECT_EQ(mark.stamp, at(0ms));
}

TEST(Watermark, OfASideWithoutAClockNeverSettles) {
    auto mark = advance({}, read(at(0ms), std::nullopt), overlap);
    for (int i = 0; i < 3; ++i)
        mark = advance(mark, read(at(0ms), std::nullopt), overlap);
    EXPECT_FALSE(mark.settled);
}

} // namespace
} // namespace medibridge::reconcile
