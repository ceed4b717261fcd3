#pragma once

#include "base/log/event.hpp"

#include <filesystem>
#include <memory>

namespace medibridge::daemon {

/// A log in which commands that are suggested name the configuration, where that is needed: see
/// config::addressed().
std::unique_ptr<log::EventLog> addressed_log(std::unique_ptr<log::EventLog> log,
                                             const std::filesystem::path& config_file);

} // namespace medibridge::daemon
