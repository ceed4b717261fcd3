#pragma once

#include "control/monitoring/snapshot.hpp"

namespace medibridge::daemon {

/// This process as the kernel has it (proc(5)); what cannot be read is 0.
monitoring::ProcessNumbers process_numbers();

} // namespace medibridge::daemon
