#pragma once

#include "config/report.hpp"

#include <string>
#include <vector>

/// What is said of a new configuration that a running service does not take.
namespace medibridge::daemon {

/// The first of the mistakes, of which there is one, and how many more.
std::string reason_of_refusal(const std::vector<config::Mistake>& mistakes);

/// Logs `config.refused` where systemd asks before it lets the service reload (ExecReload=, which
/// has $MAINPID): the service itself is then asked nothing.
void log_refused_reload(const std::vector<config::Mistake>& mistakes);

} // namespace medibridge::daemon
