#include "exits.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

namespace {

using namespace medibridge::simulation;

std::string habits_in_words(const medibridge::sandbox::MedicappSwitches& habits) {
    return "  list order " + std::to_string(static_cast<int>(habits.list_order)) + ", bound " +
           std::to_string(static_cast<int>(habits.modified_after)) + ", precision " +
           std::to_string(static_cast<int>(habits.precision)) + ", lag " +
           std::to_string(habits.visibility_lag) + " ms, page limit " +
           std::to_string(habits.page_limit) + ", POST answer " +
           std::to_string(static_cast<int>(habits.post_answer)) + ", rate limit " +
           std::to_string(static_cast<int>(habits.rate_limit)) + "\n";
}

void tell(const Story& story, const Played& played, const std::string& program) {
    std::cout << "seed " << story.seed << " breaks:\n";
    for (const auto& broken : played.broken)
        std::cout << "  " << broken << '\n';
    std::cout << "replay: " << program << " --seed " << story.seed << '\n';
}

/// Plays one scenario with one interruption, or without any, and tells all of it.
int play_scenario(const std::string& scenario_name, const std::string& how, std::size_t cycle,
                  std::int64_t at, std::ostream* log) {
    for (const auto& scenario : scenarios()) {
        if (scenario.name != scenario_name) continue;
        Trial trial(scenario);
        auto story = scenario.story;
        auto mistakes = trial.mistakes();
        for (int kind = 0; kind < interruption_kinds; ++kind) {
            const Interruption interruption{static_cast<Interruption::Kind>(kind), cycle, at};
            if (name(interruption.kind) != how) continue;
            story = interrupted(story, interruption);
            mistakes = trial.mistakes(interruption);
        }
        std::cout << in_words(story) << play(story, log).end_state << mistakes;
        return mistakes.empty() ? 0 : 1;
    }
    std::cout << "no scenario has that name\n";
    return 2;
}

void tell_shortest(const Story& story, bool with_log) {
    const auto shortest = shrunk(story);
    std::cout << "the shortest story that still breaks something:\n"
              << in_words(shortest) << habits_in_words(shortest.switches);
    for (const auto& broken : play(shortest, with_log ? &std::cout : nullptr).broken)
        std::cout << "  breaks " << broken << '\n';
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Plays simulated stories of a hospital and checks the invariants in each.",
                 "medibridge-simulate");
    std::uint64_t from = 1;
    std::uint64_t count = 1000;
    std::uint64_t one = 0;
    std::size_t most_failures = 3;
    std::uint64_t times = 1;
    bool whole = false;
    bool log = false;
    app.add_option("--from", from, "The first seed")->capture_default_str();
    app.add_option("--seeds", count, "How many seeds")->capture_default_str();
    app.add_option("--times", times, "Multiplies the number of seeds")
        ->envname("MEDIBRIDGE_LONG")
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", one, "Only this seed: shrinks its story and prints it");
    app.add_option("--failures", most_failures, "Stops after this many seeds that break something")
        ->capture_default_str();
    app.add_flag("--whole", whole, "With --seed: prints the whole story, too");
    app.add_flag("--log", log,
                 "Tell requests and events of the shortest story, or of the scenario");
    std::string scenario;
    std::string how;
    std::size_t cycle = 1;
    std::int64_t at = 1;
    app.add_option("--scenario", scenario, "Only this scenario of the exit suite");
    app.add_option("--exit", how, "How it is interrupted")
        ->check(CLI::IsMember({"killed", "power_cut", "power_cut_in_change", "disk_error"}));
    app.add_option("--cycle", cycle, "The cycle in which it is interrupted")
        ->check(CLI::PositiveNumber);
    app.add_option("--at", at, "The step, change or operation at which it is interrupted")
        ->check(CLI::PositiveNumber);
    CLI11_PARSE(app, argc, argv);
    if (!scenario.empty()) {
        return play_scenario(scenario, how, cycle, at, log ? &std::cout : nullptr);
    }
    count *= times;
    if (one != 0) {
        from = one;
        count = 1;
    }

    std::int64_t steps = 0;
    std::int64_t faults = 0;
    std::int64_t cycles = 0;
    std::size_t failures = 0;
    const auto started = std::chrono::steady_clock::now();
    for (auto seed = from; seed < from + count && failures < most_failures; ++seed) {
        const auto story = story_of(seed);
        const auto played = play(story);
        steps += played.steps;
        faults += played.faults;
        cycles += played.cycles;
        if (whole) std::cout << in_words(story) << played.end_state;
        if (played.broken.empty()) continue;
        ++failures;
        tell(story, played, argv[0]);
        tell_shortest(story, log);
        std::cout << std::flush;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    std::cout << count << " seeds, " << cycles << " cycles, " << steps << " steps, " << faults
              << " faults, " << failures << " failures, " << took.count() << " s\n";
    return failures == 0 ? 0 : 1;
}
