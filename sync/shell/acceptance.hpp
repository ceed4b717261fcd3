#pragma once

#include "sync/shell/context.hpp"

namespace medibridge::sync {

/// Keeps what the cycle's request accepts, durably, so that a restart between two guards, or in the
/// cycle itself, does not begin anew. `ended`: the cycle was complete, and nothing is kept.
runtime::Task<void> keep_acceptance(Context& context, bool ended);

} // namespace medibridge::sync
