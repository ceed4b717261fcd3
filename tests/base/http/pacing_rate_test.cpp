#include "pacing_world.hpp"
#include "tests/sanitized.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

namespace medibridge::test {
namespace {

struct RateCase {
    const char* name;
    std::function<std::unique_ptr<ModelServer>()> server;
    double warm_up_s;
    double measured_s;
};

void PrintTo(const RateCase& rate_case, std::ostream* out) {
    *out << rate_case.name;
}

std::vector<RateCase> rate_cases() {
    return {
        {"bucket_100_burst_100", [] { return std::make_unique<BucketServer>(100, 100); }, 60, 600},
        {"bucket_100_burst_8", [] { return std::make_unique<BucketServer>(100, 8); }, 60, 600},
        {"bucket_10_burst_20", [] { return std::make_unique<BucketServer>(10, 20); }, 60, 1'800},
        {"bucket_10_burst_600", [] { return std::make_unique<BucketServer>(10, 600); }, 120, 1'800},
        {"window_10_a_second", [] { return std::make_unique<WindowServer>(10, 1); }, 60, 1'800},
        {"window_100_a_second", [] { return std::make_unique<WindowServer>(100, 1); }, 60, 600},
        {"window_60_a_minute", [] { return std::make_unique<WindowServer>(60, 60); }, 240, 7'200},
        {"window_600_a_minute", [] { return std::make_unique<WindowServer>(600, 60); }, 240, 3'600},
        {"window_6000_a_minute", [] { return std::make_unique<WindowServer>(6'000, 60); }, 240,
         900},
    };
}

class FindsTheLimit : public testing::TestWithParam<std::tuple<RateCase, Tells>> {};

TEST_P(FindsTheLimit, AndStaysJustUnderIt) {
    const auto& [rate_case, tells] = GetParam();
    Outcome all;
    double limit = 0;
    const std::uint64_t seeds = tests::sanitized ? 1 : 3;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto server = rate_case.server();
        limit = server->limit();
        WorldSettings settings;
        settings.tells = tells;
        settings.seed = seed;
        settings.warm_up_s = rate_case.warm_up_s;
        settings.measured_s = rate_case.measured_s;
        const auto outcome = run(*server, settings);
        EXPECT_GE(outcome.rate(), 0.85 * limit) << "seed " << seed;
        EXPECT_LE(outcome.refused_share(), 0.02) << "seed " << seed;
        all.taken += outcome.taken;
        all.refused += outcome.refused;
        all.seconds += outcome.seconds;
        all.decisions += outcome.decisions;
    }
    std::printf("%-22s tells %d: %5.1f %% of the limit, %.2f %% answered 429\n", rate_case.name,
                static_cast<int>(tells), 100 * all.rate() / limit, 100 * all.refused_share());
    EXPECT_GE(all.rate(), (seeds > 1 ? 0.9 : 0.85) * limit); // a mean has less luck in it
    EXPECT_LE(all.refused_share(), 0.015);
    EXPECT_LE(all.decisions, 5 * (all.taken + all.refused));
}

std::string case_name(const testing::TestParamInfo<std::tuple<RateCase, Tells>>& instance) {
    static constexpr std::array names{"nothing", "seconds", "date", "reset_in_seconds",
                                      "reset_unix_time"};
    const auto& [rate_case, tells] = instance.param;
    return std::string(rate_case.name) + "_tells_" + names[static_cast<std::size_t>(tells)];
}

INSTANTIATE_TEST_SUITE_P(PacingTest, FindsTheLimit,
                         testing::Combine(testing::ValuesIn(rate_cases()),
                                          testing::Values(Tells::nothing, Tells::seconds,
                                                          Tells::date, Tells::reset_in_seconds,
                                                          Tells::reset_unix_time)),
                         case_name);

std::unique_ptr<ModelServer> bucket(double rate) {
    return std::make_unique<BucketServer>(rate, rate);
}

TEST(PacingTest, ALimitThatIsLoweredIsFoundAgainAtOnce) {
    ChangingServer server(bucket(100), bucket(20), 120);
    WorldSettings settings;
    settings.warm_up_s = 180;
    settings.measured_s = 300;
    settings.tells = Tells::seconds;
    const auto outcome = run(server, settings);
    EXPECT_GE(outcome.rate(), 0.9 * 20);
    EXPECT_LE(outcome.refused_share(), 0.02);
}

TEST(PacingTest, ALimitThatIsRaisedIsFoundWithinMinutes) {
    ChangingServer server(bucket(20), bucket(100), 120);
    WorldSettings settings;
    settings.warm_up_s = 420;
    settings.measured_s = 600;
    settings.tells = Tells::seconds;
    const auto outcome = run(server, settings);
    EXPECT_GE(outcome.rate(), 0.9 * 100);
    EXPECT_LE(outcome.refused_share(), 0.02);
}

TEST(PacingTest, TwoInstancesShareALimitWithoutStarvingOrStorming) {
    BucketServer server(50, 50);
    WorldSettings settings;
    settings.clients = 2;
    settings.warm_up_s = 120;
    settings.measured_s = 900;
    settings.tells = Tells::seconds;
    const auto outcome = run(server, settings);
    EXPECT_GE(outcome.rate(), 0.85 * 50);
    EXPECT_LE(outcome.refused_share(), 0.02);
}

TEST(PacingTest, AServerThatRefusesNothingIsNotSlowedDown) {
    BucketServer server(1e9, 1e9);
    WorldSettings settings;
    settings.measured_s = 60;
    const auto outcome = run(server, settings);
    EXPECT_GT(outcome.rate(), 0.95 * 8 / 0.02);
}

TEST(PacingTest, AFixedRateIsKeptWithoutBursts) {
    for (const double rate : {0.5, 3.0, 50.0, 2'000.0}) {
        BucketServer server(1e9, 1e9);
        WorldSettings settings;
        settings.rate_limit = rate;
        settings.latency_s = 0.002;
        settings.measured_s = 200;
        const auto outcome = run(server, settings);
        EXPECT_NEAR(outcome.rate(), rate, 0.02 * rate + 0.01) << rate;
        EXPECT_LE(static_cast<double>(outcome.most_in_a_second), 1.05 * rate + 2) << rate;
    }
}

TEST(PacingTest, AFixedRateIsNeverExceededWhateverTheServerTakes) {
    BucketServer server(10, 10);
    WorldSettings settings;
    settings.rate_limit = 30;
    settings.warm_up_s = 0;
    settings.measured_s = 900;
    const auto outcome = run(server, settings);
    EXPECT_LE(outcome.most_in_a_second, 33);
    EXPECT_GE(outcome.rate(), 0.9 * 10);
}

} // namespace
} // namespace medibridge::test
