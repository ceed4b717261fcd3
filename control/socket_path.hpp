#pragma once

#include "config/settings.hpp"

#include <filesystem>
#include <string>

namespace medibridge::control {

/// Where the service listens: `control.socket`, else `control.sock` in `runtime_directory` (of
/// systemd's RUNTIME_DIRECTORY, which may name several, the first), else beside the state file.
std::filesystem::path socket_path(const config::Settings& settings,
                                  const std::string& runtime_directory);

} // namespace medibridge::control
