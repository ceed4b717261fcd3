#pragma once

namespace medibridge::ctl {

/// How the program ends; the numbers follow sysexits.h and are those of medibridged.
enum class ExitCode : int {
    ok = 0,
    usage = 64,
    refused = 65, ///< a decision does not fit, or a check fails: a person must look
    guarded = 69, ///< stopped by a guard before the first write
    internal = 70,
    unavailable = 75, ///< no daemon, or Medicapp or a source cannot be reached: try again later
    forbidden = 77,   ///< the user may not decide, or Medicapp refuses the key
    configuration = 78,
};

} // namespace medibridge::ctl
