#pragma once

#include "control/backend.hpp"

#include <string>

namespace medibridge::control {

/// What a cycle ended with, as the one JSON object of `--once --output json`, without a newline.
std::string to_json(const CycleEnd& end);

} // namespace medibridge::control
