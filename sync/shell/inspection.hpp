#pragma once

#include "sync/core/item.hpp"
#include "sync/shell/context.hpp"

#include <string>
#include <vector>

/// Gets for the core what its decisions need to see: from the state, and from Medicapp.
namespace medibridge::sync {

/// Decides for records of one source, at most one of each externalId, from what is known alone.
/// Decisions that need a look at Medicapp stay `inspect`.
runtime::Task<std::vector<Item>> decide_items(Context& context, const Coverage& coverage,
                                              std::string source,
                                              std::vector<reconcile::Assessed> records);

/// Reads the Medicapp patients that decisions need, and decides again where that was asked for.
/// Items whose patient could not be read end as `untouched`, and are left for the next cycle.
runtime::Task<Effects> inspect_items(Context& context, std::vector<Item>& items);

} // namespace medibridge::sync
