#pragma once

#include "control/backend.hpp"

#include <string>

namespace medibridge::control {

/// What a cycle ended with, as the one JSON object of `--once --output json`, without a newline.
/// `digester` gives the pseudonyms.
std::string to_json(const CycleEnd& end, const reconcile::Digester& digester);

} // namespace medibridge::control
