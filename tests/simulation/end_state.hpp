#pragma once

#include "hospital.hpp"

#include "state/store.hpp"

#include <string>

namespace medibridge::simulation {

/// Both sides and what the state says of them, as lines of text: equal for equal outcomes. Without
/// Medicapp's ids, times and the order in which patients were created. Each line begins with the
/// externalId of whom it is about, or with a dash, and a colon.
std::string end_state(const Hospital& hospital, state::Store& state);

} // namespace medibridge::simulation
