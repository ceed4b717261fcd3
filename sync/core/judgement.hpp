#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <string>
#include <vector>

/// From a record and what is known of its patient to a decision, with all that the cycle has seen.
namespace medibridge::sync {

/// The record with what is known of its patient, without what its source has no say in.
Item item_of(const Rules& rules, std::string source, reconcile::Assessed record,
             state::Known known);

/// Why an item is decided although its record, or its time, is no news; and what is not at hand.
struct Occasion {
    bool wanted = false;    ///< the HIS's present record is needed
    bool silenced = false;  ///< the source was not heard while the patient was held for another
    bool streaming = false; ///< see Coverage, as the following
    bool repeated = false;  ///< an earlier page of the pass showed the patient
    bool all_whole = false;
    bool all_at_hand = false; ///< what the sources say together ends a hold that they caused
    /// The linked Medicapp patient, read just now; null: not read.
    const connectors::MedicappPatient* look = nullptr;
};
Occasion occasion_of(const Observations& observations, const Coverage& coverage, const Item& item);

/// Decides from what is known alone. Where that takes a look at Medicapp the decision is `inspect`.
/// `look_alikes`: see decide().
void judge_item(const Rules& rules, Item& item, const Occasion& occasion,
                const std::vector<std::string>& look_alikes = {});

/// Whether the item is about to make a second patient of one who was merged into another: then the
/// survivor, if one is linked, is looked at first.
bool needs_survivor(const Item& item);
void inspect_survivor(Item& item, std::string medicapp_id);

/// What the Medicapp patients whom the item may be are found by.
std::vector<reconcile::Digest> matching_digests(const Rules& rules,
                                                const reconcile::Assessed& record);

/// The Medicapp patients that the item's decision needs to see; none: it stands.
std::vector<std::string> ids_to_read(const Item& item);

/// Decides again, with those of them that are there.
void judge_with_details(const Rules& rules, Item& item,
                        std::vector<connectors::MedicappPatient> details);

} // namespace medibridge::sync
