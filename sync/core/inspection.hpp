#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <string>
#include <vector>

/// Which Medicapp patients must be read before an item is decided, and what they decide.
namespace medibridge::sync {

/// Whether the item would create a patient who was merged into another one: then the survivor, if
/// linked, is read first.
bool needs_survivor(const Item& item);
void inspect_survivor(Item& item, std::string medicapp_id);
/// If the item would be created under the externalId that a linked patient is to get, that one is
/// looked at first.
void inspect_former(Item& item);

/// The Medicapp patients that must be read for the item's decision. Empty: the decision is final.
std::vector<std::string> ids_to_read(const Item& item);

/// Decides again, with those of them that exist.
void judge_with_details(const Rules& rules, Item& item,
                        std::vector<connectors::MedicappPatient> details);

} // namespace medibridge::sync
