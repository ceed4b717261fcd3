#pragma once

#include "control/backend.hpp"
#include "daemon/exit_code.hpp"
#include "sync/core/report.hpp"

#include <cstdint>
#include <string>

namespace medibridge::daemon {

/// The short table of `--output text`, ending with a newline. Who waits for a decision
/// and who is excluded stands in it of all that is held, not just of this run.
std::string to_text(const control::CycleEnd& end, bool dry_run);

/// The names of the sources that could not be read, comma-separated.
std::string unreadable_sources(const sync::Report& report);

ExitCode exit_code(const control::CycleEnd& end, bool strict);

} // namespace medibridge::daemon
