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
    ReadResult result;
    result.newest = newest;
    result.started_at = started_at;
    result.pages = 1;
    result.precision = Precision::milliseconds;
    return result;
}

ReadResult several_pages(std::optional<Instant> newest, std::optional<Instant> started_at) {
    auto result = read(newest, started_at);
    result.pages = 3;
    return result;
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
    EXPECT_EQ(poll_from(mark, overlap), at(-1ms)) << "so that the newest row is shown in any case";
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

TEST(Watermark, NamesARowThatTheNextReadMustShow) {
    ReadResult first = read(std::nullopt, at(0ms));
    first.note("a", at(0ms));
    first.note("c", at(0ms));
    first.note("b", at(-1s));
    const auto mark = advance({}, first, overlap);
    EXPECT_EQ(mark.anchor, "c");

    const auto shows = [&](const char* key, Instant time) {
        ReadResult next;
        next.anchor = mark.anchor;
        next.note(key, time);
        return !lost_anchor(mark, next);
    };
    EXPECT_TRUE(shows("c", at(0ms)));
    EXPECT_TRUE(shows("c", at(1h))) << "it was edited";
    EXPECT_FALSE(shows("c", at(-1h)));
    EXPECT_FALSE(shows("a", at(1h))) << "another row says nothing of it";
}

TEST(Watermark, ForgetsARowThatIsGoneUntilThereIsANewerOne) {
    ReadResult first = read(std::nullopt, at(0ms));
    first.note("a", at(0ms));
    auto mark = advance({}, first, overlap);
    ReadResult without = read(std::nullopt, at(1s));
    without.note("b", at(-1s));
    mark = advance(mark, without, overlap);
    EXPECT_EQ(mark.anchor, "");
    EXPECT_EQ(mark.stamp, at(0ms));
    EXPECT_FALSE(lost_anchor(mark, without));
    without.note("b", at(1s));
    EXPECT_EQ(advance(mark, without, overlap).anchor, "b");
}

TEST(Watermark, DoesNotPassWhatAPassOfSeveralPagesShowedUntilOneMoreHasRead) {
    auto mark = advance({}, read(at(0ms), at(0ms)), overlap);
    mark = advance(mark, several_pages(at(1h), at(61min)), overlap);
    EXPECT_EQ(mark.stamp, at(0ms));
    EXPECT_EQ(poll_from(mark, overlap), at(-overlap - 1ms));
    mark = advance(mark, several_pages(at(1h), at(62min)), overlap);
    EXPECT_EQ(poll_from(mark, overlap), at(1h - overlap - 1ms));
}

TEST(Watermark, OfSeveralPagesCountsWhatWasKnownBeforeTheyWereRead) {
    auto all_known = several_pages(at(0ms), at(1h));
    all_known.known_before = at(0ms);
    auto mark = advance({}, all_known, overlap);
    EXPECT_EQ(mark.stamp, at(0ms));
    EXPECT_EQ(mark.pending, std::nullopt);

    auto shows_newer = several_pages(at(5min), at(2h));
    shows_newer.known_before = at(2min);
    mark = advance(mark, shows_newer, overlap);
    EXPECT_EQ(mark.stamp, at(2min));
    EXPECT_EQ(mark.pending, at(5min));

    auto lags = several_pages(at(6min), at(3h));
    lags.known_before = at(20min);
    EXPECT_EQ(advance(mark, lags, overlap).stamp, at(6min)) << "never past what was shown";
}

TEST(Watermark, WhatWasKnownBeforeAClockWasSetBackSaysNothing) {
    auto mark = advance({}, read(at(0ms), at(1h)), overlap);
    auto after = several_pages(at(5min), at(30min));
    after.known_before = at(5min);
    mark = advance(mark, after, overlap);
    EXPECT_EQ(mark.stamp, at(0ms));
    EXPECT_EQ(mark.pending, at(5min));

    EXPECT_EQ(following(several_pages(at(0ms), at(1min)), read(at(0ms), at(0ms))).known_before,
              at(0ms));
    EXPECT_EQ(following(several_pages(at(0ms), at(-1h)), read(at(0ms), at(0ms))).known_before,
              std::nullopt);
}

TEST(Watermark, AfterAFirstReadingOfSeveralPagesAsksForEverythingOnceMore) {
    auto mark = advance({}, several_pages(at(0ms), at(0ms)), overlap);
    EXPECT_EQ(poll_from(mark, overlap), std::nullopt);
    mark = advance(mark, several_pages(at(0ms), at(1min)), overlap);
    EXPECT_EQ(mark.stamp, at(0ms));
}

TEST(Watermark, FollowsOnePassBehindWhereEveryPassHasSeveralPagesAndShowsNewer) {
    auto mark = advance({}, several_pages(at(0ms), at(0ms)), overlap);
    for (int i = 1; i <= 3; ++i) {
        mark = advance(mark, several_pages(at(i * 1min), at(i * 1min)), overlap);
        EXPECT_EQ(mark.stamp, at((i - 1) * 1min));
    }
}

TEST(Watermark, PassesEverythingThatFitsOnePageAtOnce) {
    auto mark = advance({}, several_pages(at(0ms), at(0ms)), overlap);
    mark = advance(mark, read(at(1min), at(1min)), overlap);
    EXPECT_EQ(mark.stamp, at(1min));
    EXPECT_EQ(mark.pending, std::nullopt);
}

TEST(Watermark, WhatWasPendingForLongEnoughSettlesWithTheSecondPass) {
    auto mark = advance({}, several_pages(at(0ms), at(0ms)), overlap);
    mark = advance(mark, several_pages(at(0ms), at(overlap + 1s)), overlap);
    EXPECT_TRUE(mark.settled);
    EXPECT_EQ(mark.stamp, at(0ms));
}

TEST(Watermark, OfASideWhoseClockWasSetBackIsReadWithTheOverlapAgain) {
    auto mark = advance({}, read(at(0ms), at(0ms)), overlap);
    mark = advance(mark, read(at(0ms), at(10min)), overlap);
    ASSERT_TRUE(mark.settled);
    const auto corrected = advance(mark, read(at(0ms), at(9min + 30s)), overlap);
    EXPECT_TRUE(corrected.settled) << "a correction of less than a minute";
    mark = advance(mark, read(at(0ms), at(8min)), overlap);
    EXPECT_FALSE(mark.settled);
    mark = advance(mark, read(at(0ms), at(12min)), overlap);
    EXPECT_FALSE(mark.settled) << "counted from where the clock is now";
    mark = advance(mark, read(at(0ms), at(14min)), overlap);
    EXPECT_TRUE(mark.settled);
}

TEST(Watermark, OfASideWithoutAClockNeverSettles) {
    auto mark = advance({}, read(at(0ms), std::nullopt), overlap);
    for (int i = 0; i < 3; ++i)
        mark = advance(mark, read(at(0ms), std::nullopt), overlap);
    EXPECT_FALSE(mark.settled);
}

} // namespace
} // namespace medibridge::reconcile
