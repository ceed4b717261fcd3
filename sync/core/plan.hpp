#pragma once

#include "sync/core/item.hpp"
#include "sync/core/rules.hpp"

#include <map>
#include <string>

/// A dry run's writes, reviewed by an operator, of whom nothing else is to be written.
namespace medibridge::sync {

/// Stands for the item's write: the record, what is written of it, and how Medicapp looked.
reconcile::Digest write_digest(const Rules& rules, const Item& item);

/// Under a plan, the item's write is left out unless the plan has just it. Whether it was left out,
/// and why, for an operator; empty: it was not.
std::string leave_out_unplanned(const Rules& rules, Item& item);

} // namespace medibridge::sync
