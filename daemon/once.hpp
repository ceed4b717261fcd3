#pragma once

#include "config/settings.hpp"
#include "daemon/command_line.hpp"
#include "daemon/exit_code.hpp"

namespace medibridge::daemon {

/// `--once`: one cycle, its result on stdout, its progress and log on stderr. SIGINT, SIGTERM and
/// the configured deadline end it early with ExitCode::incomplete and nothing lost.
ExitCode run_once(const CommandLine& arguments, const config::Settings& settings);

} // namespace medibridge::daemon
