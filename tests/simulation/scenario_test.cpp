#include "exits.hpp"
#include "tests/sanitized.hpp"

#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <set>

/// Every scenario is interrupted at steps of every cycle, goes on, and must come to the end that it
/// has without interruption.
namespace medibridge::simulation {

static void PrintTo(const Scenario& scenario, std::ostream* out) {
    *out << scenario.name;
}

namespace {

/// Every n-th of the interruptions is tried, each scenario from another one on, and others each
/// day; with MEDIBRIDGE_LONG in the environment all of them.
std::int64_t stride() {
    if (std::getenv("MEDIBRIDGE_LONG")) return 1;
    return tests::sanitized ? 60 : 3;
}

std::int64_t today() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::days>(now).count();
}

/// Of a cycle's operations on the disk, so many at most are tried, evenly chosen.
constexpr std::int64_t disk_samples = 3;

constexpr std::int64_t enough_exits = 3975;
constexpr std::size_t enough_scenarios = 44;

bool is_sampled(Interruption::Kind kind) {
    return kind == Interruption::Kind::disk_error ||
           kind == Interruption::Kind::power_cut_in_change;
}

/// The n-th of those places in a cycle at which it is interrupted.
std::vector<std::int64_t> chosen(Interruption::Kind kind, std::int64_t places, std::int64_t first) {
    auto step = stride();
    if (is_sampled(kind)) step *= std::max<std::int64_t>(1, places / disk_samples);
    std::vector<std::int64_t> numbers;
    for (auto at = 1 + first % step; at <= places; at += step)
        numbers.push_back(at);
    return numbers;
}

std::string replay(const Scenario& scenario, const Interruption& interruption) {
    return "replay: medibridge-simulate --scenario " + scenario.name + " --exit " +
           name(interruption.kind) + " --cycle " + std::to_string(interruption.cycle) + " --at " +
           std::to_string(interruption.at) + "\n" +
           in_words(interrupted(scenario.story, interruption));
}

class Exits : public testing::TestWithParam<Scenario> {
  protected:
    Exits() : trial_(GetParam()) {}

    std::int64_t interrupt_everywhere(Interruption::Kind kind, std::size_t cycle,
                                      std::int64_t first) {
        constexpr int most_failures = 3;
        const auto places = chosen(kind, trial_.places(kind, cycle), first);
        for (const auto at : places) {
            const Interruption interruption{kind, cycle, at};
            const auto mistakes = trial_.mistakes(interruption);
            if (mistakes.empty()) continue;
            ADD_FAILURE() << mistakes << replay(GetParam(), interruption);
            if (++failures_ == most_failures) break;
        }
        return static_cast<std::int64_t>(places.size());
    }

    Trial trial_;
    int failures_ = 0;
};

TEST_P(Exits, ComeToTheSameEnd) {
    ASSERT_EQ(trial_.mistakes(), "") << in_words(GetParam().story);
    std::int64_t first = today() + static_cast<std::int64_t>(GetParam().name.size());
    std::array<std::int64_t, interruption_kinds> tried{};
    for (std::size_t cycle = 1; cycle <= trial_.cycles(); ++cycle) {
        for (int kind = 0; kind < interruption_kinds && failures_ == 0; ++kind)
            tried[static_cast<std::size_t>(kind)] +=
                interrupt_everywhere(static_cast<Interruption::Kind>(kind), cycle, first++);
    }
    for (int kind = 0; kind < interruption_kinds; ++kind)
        std::cout << name(static_cast<Interruption::Kind>(kind)) << ' '
                  << tried[static_cast<std::size_t>(kind)]
                  << (kind + 1 < interruption_kinds ? ", " : "\n");
}

std::string name_of(const testing::TestParamInfo<Scenario>& info) {
    return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Exits, testing::ValuesIn(scenarios()), name_of);

TEST(Scenarios, AreManyAndDifferent) {
    if (tests::sanitized) GTEST_SKIP() << "plays nothing that the exits do not play, and counts";
    std::set<std::string> names;
    std::int64_t steps = 0;
    std::int64_t exits = 0;
    std::int64_t cycles = 0;
    for (const auto& scenario : scenarios()) {
        names.insert(scenario.name);
        const Trial trial(scenario);
        steps += trial.uninterrupted().steps;
        for (std::size_t cycle = 1; cycle <= trial.cycles(); ++cycle, ++cycles)
            exits += trial.places(Interruption::Kind::killed, cycle) +
                     trial.places(Interruption::Kind::power_cut, cycle);
    }
    std::cout << names.size() << " scenarios, " << cycles << " cycles, " << steps << " steps, "
              << exits << " exits\n";
    EXPECT_EQ(names.size(), scenarios().size());
    EXPECT_GE(names.size(), enough_scenarios);
    EXPECT_GT(exits, enough_exits);
}

} // namespace
} // namespace medibridge::simulation
