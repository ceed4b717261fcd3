#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <string>

/// A dry run's writes, reviewed by an operator, of whom nothing else is to be written.
namespace medibridge::sync {

/// The item's write as a plan has it.
PlannedWrite planned_write(const Rules& rules, const Item& item);

/// Why the cycle's plan does not have the item's write, for an operator; empty: there is no plan,
/// or it has just this write.
std::string left_out_of_plan(const Rules& rules, const Item& item);
Effects leave_out(const Item& item, const std::string& why);

} // namespace medibridge::sync
