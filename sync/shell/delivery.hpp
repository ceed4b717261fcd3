#pragma once

#include "sync/core/item.hpp"
#include "sync/shell/context.hpp"

#include <vector>

namespace medibridge::sync {

/// Writes without a clear end: the externalId is taken but nobody is known to have it, or nobody
/// knows whether a create was executed. Resolved together, because it takes reading the list.
struct Unresolved {
    std::vector<Item> taken;     ///< Medicapp answered 409
    std::vector<Item> uncertain; ///< the create may have been executed
    std::size_t size() const { return taken.size() + uncertain.size(); }
    /// Whether the record's patient is among them: then it takes the place of the one that waits,
    /// and nothing is to be sent before that is resolved.
    bool takes_in(const std::string& source, reconcile::Assessed& record);
};

/// Carries out one item's decision: create, update or adopt. Its intent must be durable already.
///
/// What came of it goes into `results`, to be committed by the caller. A write that may have been
/// executed is never repeated before Medicapp was read.
runtime::Task<void> deliver(Context& context, Item& item, Unresolved& unresolved,
                            state::Batch& results);

/// The intent for an item's write.
state::Intent intent_of(const Item& item);

} // namespace medibridge::sync
