#pragma once

#include "daemon/exit_code.hpp"

#include <exception>
#include <filesystem>
#include <functional>
#include <string>

namespace medibridge::daemon {

/// What an exception means for the program: its exit code, and a sentence for the operator.
struct FailureReport {
    ExitCode exit = ExitCode::internal;
    std::string text;
    bool is_state = false; ///< the state file is at fault
    bool is_final = false; ///< it does not pass by itself: no later try can help
};

/// Never throws.
FailureReport describe(const std::exception_ptr& error);

/// Runs `body`; an exception becomes a line on stderr and an exit code. `config_file`: what
/// commands that it suggests are about.
ExitCode with_failures_reported(const std::filesystem::path& config_file,
                                const std::function<ExitCode()>& body);

} // namespace medibridge::daemon
