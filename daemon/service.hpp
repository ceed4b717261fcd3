#pragma once

#include "config/settings.hpp"
#include "daemon/command_line.hpp"
#include "daemon/exit_code.hpp"

namespace medibridge::daemon {

/// The service: a cycle every `sync.interval` until SIGTERM or SIGINT, which finish what is under
/// way; SIGHUP reads the configuration again. Reports its status to systemd.
ExitCode run_service(const CommandLine& arguments, config::Settings settings);

} // namespace medibridge::daemon
