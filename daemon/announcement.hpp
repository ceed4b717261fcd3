#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"

#include <filesystem>

namespace medibridge::daemon {

/// The first line of a service: its version, the configuration, the sources and where Medicapp is.
log::Event started_event(const std::filesystem::path& config_file,
                         const config::Settings& settings);

/// Says at the start which sources do not show the dead, closed, doubtful or merged: one event a
/// source, as `--check-config` says it in words.
void announce_unseen(const config::Settings& settings, log::EventLog& log);

/// Logs where the configuration and the files that it names let others in.
void announce_exposures(const config::Settings& settings, log::EventLog& log);

} // namespace medibridge::daemon
