#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/delivery.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <deque>
#include <vector>

/// What follows from items' decisions before, or without, a request to Medicapp.
namespace medibridge::sync {

/// A chunk of items that were decided.
struct Settled {
    /// What follows for items without a write, and what must be durable before the writes are sent.
    Effects effects;
    std::deque<Delivery> deliveries; ///< large: no room to spare, and none moves
};
/// `rules` outlive the deliveries. `again`: the records were counted before.
Settled settle_chunk(const Rules& rules, Observations& observations, std::vector<Item> items,
                     bool again);

/// A Medicapp patient without externalId can be only one HIS patient: a second one who would be
/// linked to them is held.
void claim_patient(Observations& observations, Item& item);

/// What follows from a decision without a write.
Effects settle_without_write(const Rules& rules, const Item& item);

} // namespace medibridge::sync
