#include "base/http/pacing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <vector>

namespace medibridge::test {
namespace {

using http::Moment;
using http::Pacing;
using http::RetryBudget;
using std::chrono::milliseconds;
using Answer = Pacing::Answer;
using Kind = Pacing::Turn::Kind;

constexpr Moment start{milliseconds(1'000'000)};
constexpr auto no_request = std::nullopt;

Moment after(std::int64_t ms) {
    return start + milliseconds(ms);
}

TEST(RetryBudgetTest, IsUsedUpByFailuresAndEarnedBackBySuccesses) {
    RetryBudget budget(3);
    EXPECT_TRUE(budget.take() && budget.take() && budget.take());
    EXPECT_FALSE(budget.take());
    for (int i = 0; i < 9; ++i)
        budget.earn();
    EXPECT_FALSE(budget.take());
    for (int i = 0; i < 2; ++i)
        budget.earn();
    EXPECT_TRUE(budget.take());
    EXPECT_FALSE(budget.take());
}

Pacing make_pacing(std::optional<double> rate_limit = std::nullopt) {
    Pacing::Settings settings;
    settings.seed = 42;
    settings.rate_limit = rate_limit;
    return Pacing(settings);
}

TEST(PacingTest, NothingIsHeldUpBeforeTheServerRefusesSomething) {
    auto pacing = make_pacing();
    for (int i = 0; i < 10'000; ++i) {
        ASSERT_EQ(pacing.turn(start).kind, Kind::now);
        pacing.settle(pacing.take(start), Answer::taken, no_request, start);
    }
    EXPECT_EQ(pacing.limit(), std::nullopt);
}

TEST(PacingTest, ARefusalPausesEverybodyForAtLeastWhatTheServerAsks) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::refused, milliseconds(7'000), start);
    const auto turn = pacing.turn(after(10));
    ASSERT_EQ(turn.kind, Kind::at);
    EXPECT_GE(turn.when, after(7'000));
    EXPECT_LE(turn.when, after(7'000 + 350));
    EXPECT_EQ(pacing.turn(turn.when).kind, Kind::now);
}

TEST(PacingTest, AfterAPauseOneRequestGoesFirst) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::refused, milliseconds(1'000), start);
    const auto open = pacing.turn(start).when;
    const auto first = pacing.take(open);
    EXPECT_EQ(pacing.turn(open).kind, Kind::after_answer);
    pacing.settle(first, Answer::taken, no_request, open + milliseconds(20));
    EXPECT_EQ(pacing.turn(open + milliseconds(20)).kind, Kind::now);
    (void)pacing.take(open + milliseconds(20));
    EXPECT_EQ(pacing.turn(open + milliseconds(20)).kind, Kind::now);
}

TEST(PacingTest, TheFirstRequestAfterAPauseMayBeGivenUpWithoutBlockingTheOthers) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::refused, milliseconds(1'000), start);
    const auto open = pacing.turn(start).when;
    pacing.settle(pacing.take(open), Answer::no_answer, no_request, open);
    EXPECT_EQ(pacing.turn(open).kind, Kind::now);
}

TEST(PacingTest, RefusalsWithoutAnyHintArePausedLongerAndLonger) {
    auto pacing = make_pacing();
    Moment now = start;
    std::int64_t late = 0;
    for (int i = 0; i < 40; ++i) {
        const auto turn = pacing.turn(now);
        if (turn.kind == Kind::at) now = turn.when;
        pacing.settle(pacing.take(now), Answer::refused, no_request, now);
        const auto wait = pacing.pause_left(now);
        EXPECT_GE(wait, runtime::Backoff::least_wait);
        EXPECT_LE(wait, milliseconds(20'000));
        if (i >= 10) late += wait.count();
    }
    EXPECT_GT(late / 30, 5'000); // the mean of full jitter up to 20 s, give or take
}

TEST(PacingTest, AServerThatAlwaysSaysZeroIsStillBackedOffFrom) {
    auto pacing = make_pacing();
    Moment now = start;
    for (int i = 0; i < 30; ++i) {
        pacing.settle(pacing.take(now), Answer::refused, milliseconds(0), now);
        const auto turn = pacing.turn(now);
        ASSERT_EQ(turn.kind, Kind::at);
        now = turn.when;
    }
    EXPECT_GT(now - start, milliseconds(60'000));
}

TEST(PacingTest, EightRefusalsOfOneMomentAreOneCutOfTheRate) {
    const auto limit_after = [](int refusals) {
        auto pacing = make_pacing();
        Moment now = start;
        for (int i = 0; i < 2'000; ++i) { // 200 a second
            pacing.settle(pacing.take(now), Answer::taken, no_request, now);
            now += milliseconds(5);
        }
        std::vector<Pacing::Permit> permits;
        for (int i = 0; i < 8; ++i)
            permits.push_back(pacing.take(now));
        for (int i = 0; i < refusals; ++i) {
            pacing.settle(permits[static_cast<std::size_t>(i)], Answer::refused,
                          milliseconds(1'000), now + milliseconds(i));
        }
        return *pacing.limit();
    };
    EXPECT_DOUBLE_EQ(limit_after(8), limit_after(1));
    // What came in ten seconds flows in eleven, if a second's worth had been saved up before.
    EXPECT_NEAR(limit_after(1), 200 * 10 / 11.0, 5);
}

TEST(PacingTest, ARefusedFirstRequestDoesNotCutTheRateAgain) {
    auto pacing = make_pacing();
    Moment now = start;
    for (int i = 0; i < 1'000; ++i) {
        pacing.settle(pacing.take(now), Answer::taken, no_request, now);
        now += milliseconds(10);
    }
    pacing.settle(pacing.take(now), Answer::refused, milliseconds(1'000), now);
    const auto limit = pacing.limit();
    for (int i = 0; i < 5; ++i) {
        now = pacing.turn(now).when;
        pacing.settle(pacing.take(now), Answer::refused, milliseconds(1'000), now);
    }
    EXPECT_EQ(pacing.limit(), limit);
}

TEST(PacingTest, OneFailureAloneHoldsUpNobodyElse) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::failed, no_request, start);
    EXPECT_EQ(pacing.turn(start).kind, Kind::now);
    EXPECT_EQ(pacing.failures(), 1);
}

TEST(PacingTest, FailuresInARowPauseEverybodyAndASuccessEndsThem) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::failed, no_request, start);
    pacing.settle(pacing.take(after(1)), Answer::failed, no_request, after(1));
    EXPECT_EQ(pacing.failures(), 2);
    const auto turn = pacing.turn(after(1));
    ASSERT_EQ(turn.kind, Kind::at);
    pacing.settle(pacing.take(turn.when), Answer::taken, no_request, turn.when);
    EXPECT_EQ(pacing.failures(), 0);
    EXPECT_EQ(pacing.turn(turn.when).kind, Kind::now);
    EXPECT_EQ(pacing.limit(), std::nullopt); // failures say nothing about the rate
}

TEST(PacingTest, FailuresThatWereUnderWayTogetherCountOnce) {
    auto pacing = make_pacing();
    std::vector<Pacing::Permit> permits;
    for (int i = 0; i < 8; ++i)
        permits.push_back(pacing.take(start));
    for (const auto& permit : permits)
        pacing.settle(permit, Answer::failed, no_request, after(1));
    EXPECT_EQ(pacing.failures(), 1);
}

TEST(PacingTest, AnUnavailableServersRetryAfterPausesEverybody) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::failed, milliseconds(4'000), start);
    EXPECT_GE(pacing.turn(start).when, after(4'000));
}

TEST(PacingTest, AnExhaustedQuotaPausesWithoutCuttingTheRate) {
    auto pacing = make_pacing();
    pacing.settle(pacing.take(start), Answer::taken, milliseconds(3'000), start);
    EXPECT_GE(pacing.turn(start).when, after(3'000));
    EXPECT_EQ(pacing.limit(), std::nullopt);
}

TEST(PacingTest, EveryWaitIsAtLeastAMillisecondAndEveryTurnComes) {
    const bool ok = rc::check("any answers in any order", [] {
        auto pacing =
            make_pacing(*rc::gen::element<std::optional<double>>(std::nullopt, 3.0, 4'000.0));
        Moment now = start;
        std::vector<Pacing::Permit> under_way;
        for (int i = 0; i < 200; ++i) {
            const auto turn = pacing.turn(now);
            if (turn.kind == Kind::at) {
                RC_ASSERT(turn.when > now);
                RC_ASSERT(turn.when - now < milliseconds(310'000));
                now = turn.when;
            } else if (turn.kind == Kind::after_answer) {
                RC_ASSERT(!under_way.empty());
            } else {
                under_way.push_back(pacing.take(now));
            }
            if (under_way.empty() || (turn.kind == Kind::now && *rc::gen::arbitrary<bool>()))
                continue;
            const auto which = *rc::gen::inRange<std::size_t>(0, under_way.size());
            const auto answer = *rc::gen::element(Answer::taken, Answer::refused, Answer::failed,
                                                  Answer::no_answer);
            const auto asked = *rc::gen::element<std::optional<milliseconds>>(
                std::nullopt, milliseconds(0), milliseconds(2'000), milliseconds(300'000));
            pacing.settle(under_way[which], answer, asked, now);
            under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
            now += milliseconds(*rc::gen::inRange(0, 50));
        }
    });
    EXPECT_TRUE(ok);
}

TEST(PacingTest, APaceThatNobodyReachesDoesNotGrow) {
    auto pacing = make_pacing();
    Moment now = start;
    const auto send = [&](Answer answer) {
        const auto turn = pacing.turn(now);
        if (turn.kind == Kind::at) now = turn.when;
        pacing.settle(pacing.take(now), answer, no_request, now);
    };
    for (int i = 0; i < 1'000; ++i) { // 100 a second
        send(Answer::taken);
        now += milliseconds(10);
    }
    send(Answer::refused);
    send(Answer::taken);
    const double found = *pacing.limit();
    for (int i = 0; i < 36'000; ++i) { // ten a second, for an hour
        now += milliseconds(100);
        send(Answer::taken);
    }
    EXPECT_NEAR(*pacing.limit(), found, 0.05 * found);
}

TEST(PacingTest, AQuietNightDoesNotMakeItForgetTheLimitNorTakeIdlenessForTheLimit) {
    auto pacing = make_pacing();
    Moment now = start;
    for (int i = 0; i < 1'000; ++i) { // 100 a second
        pacing.settle(pacing.take(now), Answer::taken, no_request, now);
        now += milliseconds(10);
    }
    pacing.settle(pacing.take(now), Answer::refused, milliseconds(1'000), now);
    for (int minute = 0; minute < 10; ++minute) { // one request a minute
        now += milliseconds(60'000);
        pacing.settle(pacing.take(now), Answer::taken, no_request, now);
    }
    ASSERT_TRUE(pacing.limit());
    EXPECT_LT(*pacing.limit(), 150);
    pacing.settle(pacing.take(now), Answer::refused, milliseconds(1'000), now);
    EXPECT_GT(*pacing.limit(), 0.2);
}

} // namespace
} // namespace medibridge::test
