#pragma once

#include "daemon/exit_code.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace medibridge::daemon {

enum class Output { text, json };

struct CommandLine {
    std::filesystem::path config = "/etc/medibridge/medibridge.yaml";
    bool once = false;
    bool check_config = false;
    bool skip_credentials = false; ///< of the check: systemd gives them to the service alone
    bool print_config = false;
    bool dry_run = false;
    bool full = false;
    bool accept_rewind = false;
    bool accept_mapping = false;
    bool accept_space = false;
    bool strict = false;
    std::string source;
    Output output = Output::text;
};

/// The command line, or the exit code with which the program ends at once: help and version are
/// printed to stdout, mistakes to stderr.
struct ParsedCommandLine {
    CommandLine arguments;
    std::optional<ExitCode> exit;
};

ParsedCommandLine parse_command_line(int argc, const char* const* argv);

} // namespace medibridge::daemon
