#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"

namespace medibridge::daemon {

/// Says at the start which sources do not show the dead, closed, doubtful or merged: one event a
/// source, as `--check-config` says it in words.
void announce_unseen(const config::Settings& settings, log::EventLog& log);

/// Logs where the configuration and the files that it names let others in.
void announce_exposures(const config::Settings& settings, log::EventLog& log);

} // namespace medibridge::daemon
