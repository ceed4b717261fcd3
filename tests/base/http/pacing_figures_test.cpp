/// What the pacing makes of honest servers whose limit nobody told it, in virtual time: of each,
/// the first minute of work and the second.

#include "pacing_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
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

using Server = std::unique_ptr<ModelServer>;

Server make_bucket(double rate, double burst) {
    return std::make_unique<BucketServer>(rate, burst);
}
Server make_window(double requests, double seconds) {
    return std::make_unique<WindowServer>(requests, seconds);
}
Server make_sliding(double requests, double seconds) {
    return std::make_unique<SlidingServer>(requests, seconds);
}

struct Figures {
    double taken;   ///< at least this part of the limit is taken in the first minute …
    double refused; ///< … and at most this part is refused
    double later;   ///< at least this part of the limit is taken in the second minute
};

struct FiguresCase {
    const char* name;
    std::function<Server()> server;
    double window_s; ///< of a fixed window: it begins at any moment of it
    Figures near;    ///< 5 ms away …
    Figures far;     ///< … and 80 ms
};

void PrintTo(const FiguresCase& figures_case, std::ostream* out) {
    *out << figures_case.name;
}

std::vector<FiguresCase> figures_cases() {
    return {
        {"bucket_50_burst_50",
         [] { return make_bucket(50, 50); },
         0,
         {0.97, 0.01, 0.97},
         {0.97, 0.01, 0.97}},
        {"bucket_5_burst_5",
         [] { return make_bucket(5, 5); },
         0,
         {0.97, 0.035, 0.97},
         {0.97, 0.035, 0.97}},
        // Nothing shows these rates but growing until they refuse.
        {"bucket_50_burst_1",
         [] { return make_bucket(50, 1); },
         0,
         {0.6, 0.01, 0.8},
         {0.5, 0.01, 0.65}},
        {"bucket_5_burst_1",
         [] { return make_bucket(5, 1); },
         0,
         {0.65, 0.05, 0.8},
         {0.6, 0.05, 0.75}},
        {"window_20_a_second",
         [] { return make_window(20, 1); },
         1,
         {0.965, 0.012, 0.96},
         {0.935, 0.012, 0.93}},
        {"sliding_20_a_second",
         [] { return make_sliding(20, 1); },
         0,
         {0.95, 0.01, 0.94},
         {0.95, 0.01, 0.94}},
        {"window_300_in_10_s",
         [] { return make_window(300, 10); },
         10,
         {1, 0.015, 0.97},
         {1, 0.022, 0.93}},
        {"sliding_300_in_10_s",
         [] { return make_sliding(300, 10); },
         0,
         {0.94, 0.011, 0.97},
         {0.95, 0.01, 0.97}},
    };
}

class MeetsTheFigures : public testing::TestWithParam<std::tuple<FiguresCase, Tells, bool>> {};

TEST_P(MeetsTheFigures, InTheFirstMinuteAndTheSecond) {
    const auto& [figures_case, tells, far] = GetParam();
    const auto& figures = far ? figures_case.far : figures_case.near;
    std::array<double, 2> taken{};
    std::array<double, 2> refused{};
    constexpr int seeds = 20;
    for (int seed = 1; seed <= seeds; ++seed) {
        for (const std::size_t minute : {0U, 1U}) {
            double whole = 0;
            LateServer server(figures_case.server(),
                              figures_case.window_s * std::modf(seed * 0.618, &whole));
            WorldSettings settings;
            settings.tells = tells;
            settings.seed = static_cast<std::uint64_t>(seed);
            settings.latency_s = far ? 0.08 : 0.005;
            settings.jitter = far ? 0.1 : 0.5;
            settings.warm_up_s = 60 * static_cast<double>(minute);
            settings.measured_s = 60;
            const auto outcome = run(server, settings);
            taken[minute] += outcome.rate() / server.limit() / seeds;
            refused[minute] += outcome.refused_share() / seeds;
        }
    }
    std::printf(
        "%-20s tells %d, %2d ms: %5.1f %% of the limit, %.2f %% answered 429; then %5.1f %%, "
        "%.2f %%\n",
        figures_case.name, static_cast<int>(tells), far ? 80 : 5, 100 * taken[0], 100 * refused[0],
        100 * taken[1], 100 * refused[1]);
    EXPECT_GE(taken[0], figures.taken);
    EXPECT_LE(refused[0], figures.refused);
    EXPECT_GE(taken[1], figures.later);
    EXPECT_LE(refused[1], figures.refused);
}

constexpr std::array tells_names{"nothing", "seconds", "date"};

std::string
figures_name(const testing::TestParamInfo<std::tuple<FiguresCase, Tells, bool>>& instance) {
    const auto& [figures_case, tells, far] = instance.param;
    return std::string(figures_case.name) + "_tells_" +
           tells_names[static_cast<std::size_t>(tells)] + (far ? "_far" : "_near");
}

INSTANTIATE_TEST_SUITE_P(
    PacingTest, MeetsTheFigures,
    testing::Combine(testing::ValuesIn(figures_cases()),
                     testing::Values(Tells::nothing, Tells::seconds, Tells::date), testing::Bool()),
    figures_name);

/// The mean part of the new limit that is taken from 20 to 40 s after a change.
double after_change(Tells tells, const std::function<Server(double)>& make, double from,
                    double to) {
    constexpr int seeds = 20;
    double mean = 0;
    for (int seed = 1; seed <= seeds; ++seed) {
        const double at_s = 200 + seed;
        ChangingServer server(make(from), make(to), at_s);
        WorldSettings settings;
        settings.tells = tells;
        settings.seed = static_cast<std::uint64_t>(seed);
        settings.latency_s = seed % 2 == 0 ? 0.08 : 0.005;
        settings.jitter = seed % 2 == 0 ? 0.1 : 0.5;
        settings.warm_up_s = at_s + 20;
        settings.measured_s = 20;
        mean += run(server, settings).rate() / to / seeds;
    }
    return mean;
}

TEST(PacingTest, ALimitThatHalvesOrDoublesIsFoundWithin20Seconds) {
    const auto bucket = [](double rate) { return make_bucket(rate, rate); };
    for (const auto tells : {Tells::nothing, Tells::seconds, Tells::date}) {
        for (const auto& [from, to] : {std::pair{50., 25.}, std::pair{50., 100.},
                                       std::pair{20., 10.}, std::pair{20., 40.}}) {
            const double part = after_change(tells, bucket, from, to);
            std::printf("bucket, %g -> %g, tells %d: %5.1f %% of the limit after 20 s\n", from, to,
                        static_cast<int>(tells), 100 * part);
            EXPECT_GE(part, 0.9) << from << " -> " << to;
            EXPECT_LE(part, 1.1) << from << " -> " << to;
        }
    }
}

TEST(PacingTest, AWindowsLimitThatHalvesIsFoundWithin20SecondsAndADoubledOneWithinMinutes) {
    const auto second = [](double rate) { return make_window(rate, 1); };
    const auto ten_seconds = [](double rate) { return make_window(rate * 10, 10); };
    for (const auto tells : {Tells::nothing, Tells::seconds, Tells::date}) {
        EXPECT_GE(after_change(tells, second, 50, 25), 0.85);
        EXPECT_GE(after_change(tells, ten_seconds, 50, 25), 0.9);
        EXPECT_GE(after_change(tells, ten_seconds, 50, 100), 0.8);
        ChangingServer server(second(20), second(40), 200);
        WorldSettings settings;
        settings.tells = tells;
        settings.warm_up_s = 380;
        settings.measured_s = 120;
        EXPECT_GE(run(server, settings).rate(), 0.85 * 40);
    }
}

struct Shares {
    double taken = 0;   ///< part of the limit
    double refused = 0; ///< part of the requests
    double least = 0;   ///< what the process with the least takes, in parts of its fair share
    double most = 0;
};

/// Means over several runs of a quarter of an hour.
Shares share(const std::function<Server()>& make, Tells tells, int clients) {
    constexpr int seeds = 5;
    Shares shares;
    for (int seed = 1; seed <= seeds; ++seed) {
        const auto server = make();
        WorldSettings settings;
        settings.tells = tells;
        settings.clients = clients;
        settings.seed = static_cast<std::uint64_t>(seed);
        settings.measured_s = 900;
        const auto outcome = run(*server, settings);
        const auto [least, most] = std::ranges::minmax(outcome.taken_of);
        const double fair = static_cast<double>(outcome.taken) / clients;
        shares.taken += outcome.rate() / server->limit() / seeds;
        shares.refused += outcome.refused_share() / seeds;
        shares.least += static_cast<double>(least) / fair / seeds;
        shares.most += static_cast<double>(most) / fair / seeds;
    }
    return shares;
}

TEST(PacingTest, SeveralProcessesShareALimitFairlyAndWithoutStorming) {
    struct Shared {
        const char* name;
        std::function<Server()> server;
        double refused; ///< at most this part
        double least;   ///< of a fair share
        double most;
    };
    const std::array<Shared, 3> servers{{
        {"bucket", [] { return make_bucket(50, 50); }, 0.01, 0.6, 1.5},
        {"window of 1 s", [] { return make_window(50, 1); }, 0.01, 0.6, 1.5},
        {"window of 10 s", [] { return make_window(300, 10); }, 0.05, 0.35, 2},
    }};
    for (const auto& shared : servers) {
        for (const auto tells : {Tells::nothing, Tells::seconds}) {
            for (const int clients : {2, 4}) {
                const auto shares = share(shared.server, tells, clients);
                std::printf("%-14s tells %d, %d clients: %5.1f %% of the limit, %.2f %% answered "
                            "429, shares from %.2f to %.2f\n",
                            shared.name, static_cast<int>(tells), clients, 100 * shares.taken,
                            100 * shares.refused, shares.least, shares.most);
                EXPECT_GE(shares.taken, 0.87) << shared.name;
                EXPECT_LE(shares.refused, shared.refused) << shared.name;
                EXPECT_GE(shares.least, shared.least) << shared.name;
                EXPECT_LE(shares.most, shared.most) << shared.name;
            }
        }
    }
}

} // namespace
} // namespace medibridge::test
