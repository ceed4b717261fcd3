#include "daemon/status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::daemon {
namespace {

constexpr std::int64_t now_ms = 1'000'000'000;

control::Live live_after(sync::Outcome outcome, const std::string& reason) {
    control::Live live;
    live.last_cycle_ms = now_ms;
    live.last_complete_ms = now_ms - 5 * 60'000;
    live.last_report.emplace();
    live.last_report->outcome = outcome;
    live.last_report->reason = reason;
    return live;
}

state::Waiting some_waiting() {
    state::Waiting waiting;
    waiting.to_decide = 14;
    waiting.excluded = 400;
    waiting.oldest_to_decide_ms = now_ms - 3 * 86'400'000LL;
    return waiting;
}

TEST(StatusText, OfAFirstLoadSaysHowFarItIs) {
    control::Live live;
    EXPECT_EQ(status_text(live, {}, now_ms), "starting");
    live.running.emplace();
    EXPECT_EQ(status_text(live, {}, now_ms), "first cycle: reading …");
    live.running->so_far.created = 1'200;
    live.running->so_far.held = 3;
    EXPECT_EQ(status_text(live, {}, now_ms), "first cycle: 1,200 created, 3 held …");
}

TEST(StatusText, HasTheReasonOfAnyEnd) {
    for (const auto outcome :
         {sync::Outcome::incomplete, sync::Outcome::guarded, sync::Outcome::unauthorized}) {
        EXPECT_EQ(status_text(live_after(outcome, "why"), some_waiting(), now_ms),
                  "last cycle: " + std::string(name(outcome)) +
                      ": why; 14 to decide, oldest 3 days; 400 excluded; "
                      "last complete cycle 5 minutes ago");
    }
    auto failed = live_after(sync::Outcome::complete, {});
    failed.last_report.reset();
    failed.failure = "the disk is full";
    failed.last_complete_ms.reset();
    EXPECT_EQ(status_text(failed, {}, now_ms),
              "last cycle failed: the disk is full; no complete cycle since the start");
}

TEST(StatusText, NamesTheSidesThatDoNotAnswer) {
    auto live = live_after(sync::Outcome::incomplete, "connection refused");
    live.running.emplace();
    live.sides.resize(3);
    live.sides[0].name = "medicapp";
    live.sides[0].up = false;
    live.sides[0].down_since_ms = 0;
    live.sides[0].reason = "connection refused";
    live.sides[1].name = "dpi";
    live.sides[1].trying_since_ms = 5'000;
    live.sides[1].reason = "HTTP 503";
    live.sides[2].name = "adt";
    EXPECT_THAT(status_text(live, {}, now_ms),
                testing::HasSubstr("; last cycle: incomplete: connection refused; medicapp: down "
                                   "since 1970-01-01T00:00:00Z; dpi: trying since "
                                   "1970-01-01T00:00:05Z: HTTP 503; last complete"));
}

TEST(StatusText, KeepsTheReasonWhileTheNextCycleRuns) {
    auto live = live_after(sync::Outcome::incomplete, "why");
    live.running.emplace();
    EXPECT_THAT(status_text(live, {}, now_ms),
                testing::StartsWith("cycle: reading …; last cycle: incomplete: why; "));
}

TEST(StatusText, SaysThatTheServiceIsPaused) {
    auto live = live_after(sync::Outcome::complete, {});
    live.pause.emplace();
    EXPECT_THAT(status_text(live, {}, now_ms),
                testing::StartsWith("paused until it is resumed; last cycle: complete"));
    live.pause->until_ms = 0;
    EXPECT_THAT(status_text(live, {}, now_ms), testing::StartsWith("paused until 1970-01-01T"));
}

} // namespace
} // namespace medibridge::daemon
