#pragma once

#include "connectors/source/source.hpp"
#include "sync/core/inquiry.hpp"
#include "sync/shell/context.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Reads it; changes nothing. `rules` as for a cycle.
runtime::Task<Inquiry> inquire(Environment env, const Rules& rules,
                               std::vector<connectors::Source*> sources, std::string key);

/// Takes a decision if it still fits: then it is durable, and audited. `ignore` is carried out at
/// once, everything else by the next cycle. Otherwise nothing has changed, and the text says why in
/// words for an operator; empty: taken. Throws StoreError.
runtime::Task<std::string> take_decision(Environment env, const Rules& rules,
                                         std::vector<connectors::Source*> sources, Order order);

} // namespace medibridge::sync
