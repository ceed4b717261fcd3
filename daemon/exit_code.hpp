#pragma once

namespace medibridge::daemon {

/// How the program ends; the numbers follow sysexits.h.
enum class ExitCode : int {
    ok = 0, ///< everything applied or held
    usage = 64,
    held = 65,    ///< complete, but something is to decide, under --strict
    guarded = 69, ///< stopped by a guard before the first write
    internal = 70,
    incomplete = 75,   ///< try again later
    unauthorized = 77, ///< credentials refused
    configuration = 78,
};

} // namespace medibridge::daemon
