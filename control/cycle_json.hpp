#pragma once

#include "control/backend.hpp"

#include <string>

namespace medibridge::control {

/// What a cycle ended with, as the one JSON object of `--once --output json`, without a newline. Of
/// a dry run with the guards that stopped it, and whom they stopped.
std::string to_json(const CycleEnd& end, bool dry_run = false);

} // namespace medibridge::control
