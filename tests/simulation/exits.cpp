#include "exits.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace medibridge::simulation {

namespace {

constexpr std::array<const char*, interruption_kinds> names{
    {"killed", "power_cut", "power_cut_in_change", "disk_error"}};

void interrupt(CycleAct& cycle, const Interruption& interruption) {
    switch (interruption.kind) {
    case Interruption::Kind::killed:
    case Interruption::Kind::power_cut:
        cycle.dies_at = interruption.at;
        cycle.power_cut = interruption.kind == Interruption::Kind::power_cut;
        return;
    case Interruption::Kind::power_cut_in_change:
        cycle.power_goes_at_change = interruption.at;
        return;
    case Interruption::Kind::disk_error:
        cycle.disk_fails_at = interruption.at;
        return;
    }
}

bool is_done_again_at_once(Interruption::Kind kind) {
    return kind == Interruption::Kind::killed || kind == Interruption::Kind::power_cut_in_change;
}

bool has_deeds_meanwhile(const Story& story, std::size_t cycle) {
    std::size_t number = 0;
    return std::ranges::any_of(story.acts, [&](const Act& act) {
        return !act.deed && ++number == cycle && !act.cycle.meanwhile.empty();
    });
}

/// The story as it would be if that cycle had never begun.
Story without_cycle(const Story& story, std::size_t cycle) {
    auto other = story;
    other.acts.clear();
    std::size_t number = 0;
    for (const auto& one : story.acts) {
        if (one.deed || ++number != cycle) {
            other.acts.push_back(one);
            continue;
        }
        constexpr std::int64_t interval = 60;
        other.acts.push_back(act(Deed{Deed::Kind::time_passes, 0, interval}));
        for (const auto& [request, deed] : one.cycle.meanwhile)
            other.acts.push_back(act(deed));
    }
    return other;
}

/// What an end says of each patient.
std::map<std::string, std::string> by_patient(const std::string& end) {
    std::map<std::string, std::string> patients;
    std::istringstream lines(end);
    for (std::string line; std::getline(lines, line);)
        patients[line.substr(0, line.find(':'))] += line + "\n";
    return patients;
}

/// Whether each patient ends as in the one or as in the other, or as one of these lines say.
bool is_made_of(const std::string& end, const std::string& one, const std::string& other,
                const std::vector<std::string>& may_end) {
    auto patients = by_patient(end);
    auto in_one = by_patient(one);
    auto in_other = by_patient(other);
    for (const auto* all : {&in_one, &in_other}) {
        for (const auto& [patient, lines] : *all)
            patients[patient];
    }
    return std::ranges::all_of(patients, [&](const auto& patient) {
        const auto& [key, lines] = patient;
        const bool may = std::ranges::any_of(may_end, [&text = lines](const std::string& part) {
            return text.find(part) != std::string::npos;
        });
        return may || lines == in_one[key] || lines == in_other[key];
    });
}

std::string lines(const std::vector<std::string>& broken) {
    std::string text;
    for (const auto& one : broken)
        text += "breaks " + one + "\n";
    return text;
}

} // namespace

std::string name(Interruption::Kind kind) {
    return names[static_cast<std::size_t>(kind)];
}

Story interrupted(const Story& story, const Interruption& interruption) {
    auto other = story;
    other.acts.clear();
    std::size_t number = 0;
    for (const auto& one : story.acts) {
        other.acts.push_back(one);
        if (one.deed || ++number != interruption.cycle) continue;
        interrupt(other.acts.back().cycle, interruption);
        if (!is_done_again_at_once(interruption.kind)) continue;
        CycleAct again;
        again.full = one.cycle.full;
        other.acts.push_back(act(again));
    }
    return other;
}

Trial::Trial(const Scenario& scenario) : scenario_(&scenario) {
    const auto& acts = scenario.story.acts;
    cycles_ = static_cast<std::size_t>(
        std::ranges::count_if(acts, [](const Act& act) { return !act.deed; }));
    uninterrupted_ = play(scenario.story);
}

std::int64_t Trial::places(Interruption::Kind kind, std::size_t cycle) const {
    const auto& length = uninterrupted_.cycle_lengths.at(cycle - 1);
    switch (kind) {
    case Interruption::Kind::killed:
    case Interruption::Kind::power_cut:
        return length.steps;
    case Interruption::Kind::power_cut_in_change:
        return length.disk_changes;
    case Interruption::Kind::disk_error:
        return length.disk_operations;
    }
    return 0;
}

std::string Trial::mistakes() const {
    return lines(uninterrupted_.broken);
}

const std::string& Trial::end_without(std::size_t cycle) {
    const auto [place, is_new] = ends_without_.try_emplace(cycle);
    if (is_new) place->second = play(without_cycle(scenario_->story, cycle)).end_state;
    return place->second;
}

std::string Trial::mistakes(const Interruption& interruption) {
    const auto played = play(interrupted(scenario_->story, interruption));
    auto text = lines(played.broken);
    const auto& right = uninterrupted_.end_state;
    if (played.end_state == right) return text;
    const bool at_once = is_done_again_at_once(interruption.kind) &&
                         !has_deeds_meanwhile(scenario_->story, interruption.cycle);
    if (at_once ||
        !is_made_of(played.end_state, right, end_without(interruption.cycle), scenario_->may_end))
        text += "comes to another end:\n" + played.end_state + "and not to:\n" + right;
    return text;
}

} // namespace medibridge::simulation
