#pragma once

#include "daemon/command_line.hpp"
#include "daemon/exit_code.hpp"

#include "config/settings.hpp"

#include <filesystem>
#include <string>

namespace medibridge::daemon {

/// For root, who may read everything: reads the configuration once more as the user to whom the
/// state's folder belongs, in a process of its own, and says on stderr what that user cannot read.
/// Credentials are left out: systemd hands copies of them to the service. Exit status: ok, or
/// configuration. For any other user it does nothing.
ExitCode check_for_service_user(const CommandLine& arguments, const config::Settings& settings);

/// The command that checks the credentials as well, where the service's unit takes them from.
std::string check_with_credentials(const std::filesystem::path& config);

} // namespace medibridge::daemon
