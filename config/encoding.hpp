#pragma once

#include "config/report.hpp"

#include <string_view>

namespace medibridge::config {

/// Reports what cannot stand in a YAML file: bytes that are not UTF-8, and control characters.
void check_encoding(std::string_view text, Report& report);

} // namespace medibridge::config
