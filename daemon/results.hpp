#pragma once

#include "control/backend.hpp"
#include "daemon/exit_code.hpp"
#include "sync/core/report.hpp"

#include <cstdint>
#include <string>

namespace medibridge::daemon {

/// The short table of `--output text`, ending with a newline. `held_in_all` counts everybody who
/// is held, not just those of this run.
std::string to_text(const control::CycleEnd& end, std::int64_t held_in_all, bool dry_run);

/// The names of the sources that could not be read, comma-separated.
std::string unreadable_sources(const sync::Report& report);

ExitCode exit_code(const sync::Report& report, std::int64_t held_in_all, bool strict);

} // namespace medibridge::daemon
