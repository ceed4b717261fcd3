#pragma once

#include "sandbox/settings.hpp"

#include <filesystem>
#include <optional>

namespace medibridge::sandbox {

/// What the command line asks for.
struct Options {
    Settings settings;
    std::filesystem::path write_config; ///< empty: none
};

/// Reads the command line. Nothing if the program is to end with `exit_code`: help was shown, or a
/// mistake was reported on stderr.
std::optional<Options> read_options(int argc, char** argv, int& exit_code);

} // namespace medibridge::sandbox
