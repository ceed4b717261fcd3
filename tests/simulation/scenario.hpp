#pragma once

#include "story.hpp"

#include <string>
#include <utility>
#include <vector>

namespace medibridge::simulation {

/// A story with a name that must come to the same end wherever a cycle of it is interrupted.
struct Scenario {
    std::string name;
    Story story;
    /// If life went on after an interruption, a patient of whom the end says one of these may also
    /// end so. `because`: why that is as right.
    std::vector<std::string> may_end;
    std::string because;

    /// Keys of the configuration's `sync`.
    Scenario under(std::string sync) const;
    /// Medicapp's habits.
    Scenario with(const sandbox::MedicappSwitches& switches) const;
    Scenario or_held(const std::string& reason, std::string why) const;
    Scenario or_ending(std::vector<std::string> may, std::string why) const;
};

/// All of them, each with another name.
const std::vector<Scenario>& scenarios();

/// By theme.
std::vector<Scenario> scenarios_of_arrivals();
std::vector<Scenario> scenarios_of_backups();
std::vector<Scenario> scenarios_of_fields();
std::vector<Scenario> scenarios_of_identity();
std::vector<Scenario> scenarios_of_medicapp();
std::vector<Scenario> scenarios_of_trouble();
std::vector<Scenario> scenarios_of_two_sources();

} // namespace medibridge::simulation
