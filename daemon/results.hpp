#pragma once

#include "control/backend.hpp"
#include "daemon/exit_code.hpp"
#include "sync/core/report.hpp"

#include <cstdint>
#include <string>

namespace medibridge::daemon {

/// How long ago: `3 days`.
std::string age_text(std::int64_t ms);

/// `14 to decide, oldest 3 days; 400 excluded`; empty where nobody is held. `now_ms`: Unix time of
/// this machine.
std::string waiting_text(const state::Waiting& waiting, std::int64_t now_ms);

/// The short table of `--output text`, ending with a newline. Who is to decide and who is excluded
/// stands in it of all that is held, not just of this run. Of a dry run it lists whom a guard
/// stopped.
std::string to_text(const control::CycleEnd& end, bool dry_run, std::int64_t now_ms);

/// The names of the sources that could not be read, comma-separated.
std::string unreadable_sources(const sync::Report& report);

ExitCode exit_code(const control::CycleEnd& end, bool strict);

} // namespace medibridge::daemon
