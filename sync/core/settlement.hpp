#pragma once

#include "sync/core/effects.hpp"
#include "sync/core/item.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/rules.hpp"

/// What follows from an item's decision before, or without, a request to Medicapp.
namespace medibridge::sync {

/// Whether the item's decision is to be carried out by a Delivery.
bool calls_for_write(const Item& item);

/// A Medicapp patient without externalId can be only one HIS patient: a second one who would be
/// linked to them is held.
void claim_patient(Observations& observations, Item& item);

/// What a decision without a write comes to.
Effects settle_without_write(const Rules& rules, const Item& item);

/// What must be durable before the item's write leaves: its intent, and what it rests on.
state::Batch prepare_write(const Item& item);

} // namespace medibridge::sync
