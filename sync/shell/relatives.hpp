#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/shell/context.hpp"

namespace medibridge::sync {

/// Decides again about an item that would be created, beside the patients whose numbers were once
/// stated to be its own: they are read in Medicapp. Where one cannot be read, the item is left for
/// another cycle.
runtime::Task<Effects> compare_relatives(Context& context, Item& item);

} // namespace medibridge::sync
