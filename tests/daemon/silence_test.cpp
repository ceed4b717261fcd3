#include "daemon/cycle_watch.hpp"
#include "daemon/wall_clock.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <optional>

// A side that says nothing, while attempts wait for its answer.
namespace medibridge::daemon {
namespace {

using figures::Attempt;

class SilenceTest : public testing::Test {
  protected:
    SilenceTest() { watch.set_sources({}, meters); }

    control::SideStatus after(std::int64_t seconds) const {
        return watch.live(wall_clock_ms() + seconds * 1000).sides.at(0);
    }
    /// Up, and nothing speaks against it.
    static bool is_well(const control::SideStatus& side) {
        return side.up && !side.trying_since_ms && side.reason.empty();
    }

    figures::Meters meters;
    CycleWatch watch;
    std::shared_ptr<figures::Side> side = meters.side("medicapp");
};

TEST_F(SilenceTest, MakesTheSideTriedAndThenDownFromWhenTheRequestWasSent) {
    const auto sent = wall_clock_ms();
    std::optional<Attempt> attempt(side);
    EXPECT_TRUE(is_well(after(2)));
    const auto tried = after(4);
    EXPECT_TRUE(tried.up);
    ASSERT_TRUE(tried.trying_since_ms);
    EXPECT_NEAR(static_cast<double>(*tried.trying_since_ms), static_cast<double>(sent), 1'000);
    EXPECT_NE(tried.reason, "");
    const auto down = after(11);
    EXPECT_FALSE(down.up);
    EXPECT_EQ(down.down_since_ms, tried.trying_since_ms);

    attempt->ends(Attempt::End::unanswered);
    attempt.reset();
    side->note_failed("timeout");
    EXPECT_EQ(after(11).down_since_ms, tried.trying_since_ms) << "not only since it failed";
    side->note_answered();
    EXPECT_TRUE(is_well(after(11)));
}

TEST_F(SilenceTest, EndsWithAnyAnswer) {
    Attempt lost(side);
    std::optional<Attempt> other(side);
    other->ends(Attempt::End::answered);
    other.reset();
    EXPECT_TRUE(is_well(after(2)));
    EXPECT_FALSE(is_well(after(4))) << "nothing was heard since";
}

TEST_F(SilenceTest, OfASideThatHasAnsweredAsSlowlyBeforeIsNoOutage) {
    side->patience_ms = 20'000;
    const Attempt attempt(side);
    EXPECT_TRUE(after(19).up);
    EXPECT_TRUE(after(19).trying_since_ms);
    EXPECT_FALSE(after(21).up);
}

TEST_F(SilenceTest, IsANewOutageOnceWhenTheSideCountsAsDown) {
    const auto outages = [&](std::int64_t seconds) {
        return watch.new_outages(wall_clock_ms() + seconds * 1000);
    };
    std::optional<Attempt> attempt(side);
    EXPECT_TRUE(outages(9).empty());
    const auto told = outages(12);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].side, "medicapp");
    EXPECT_NE(told[0].what, "");
    EXPECT_GE(told[0].lasted_ms, 10'000);
    EXPECT_TRUE(outages(13).empty());
    attempt->ends(Attempt::End::answered);
    attempt.reset();
    EXPECT_TRUE(outages(14).empty());
    const Attempt next(side);
    EXPECT_EQ(outages(30).size(), 1u) << "another one";
}

TEST_F(SilenceTest, OfNobodyIsNone) {
    {
        const Attempt given_up(side);
    }
    EXPECT_TRUE(is_well(after(60)));
}

} // namespace
} // namespace medibridge::daemon
