#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <string>
#include <vector>

/// Decides for a record with everything that is known of its patient and that the cycle has seen.
namespace medibridge::sync {

/// The record with what is known of its patient, without the fields that its source may not set:
/// see also yield_to_giver().
Item item_of(const Rules& rules, std::string source, reconcile::Assessed record,
             state::Known known);

/// Identifies the record as its item has it: without what its source may not set.
reconcile::Digest digest_in_item(const Rules& rules, const std::string& source,
                                 const reconcile::Assessed& record, const state::Known& known);

/// Why an item is decided although its record is not new, and how much of the sources is known.
struct Occasion {
    bool wanted = false;   ///< the HIS's present record is needed
    bool silenced = false; ///< the source was not heard during another source's hold
    /// What stands in the dated record of another source that ended the hold.
    reconcile::FieldSet stated = {};
    bool streaming = false; ///< see Coverage, as the following
    bool partial = false;
    bool repeated = false; ///< an earlier page of the pass showed the patient
    bool all_whole = false;
    bool all_at_hand = false; ///< a hold that the sources caused together may end
    /// The linked Medicapp patient, read just now; null: not read.
    const connectors::MedicappPatient* look = nullptr;
};
Occasion occasion_of(const Observations& observations, const Coverage& coverage, const Item& item);

/// Decides from what is known. If Medicapp must be read first, the decision is `inspect`.
/// `look_alikes`: see decide().
void judge_item(const Rules& rules, Item& item, const Occasion& occasion,
                const std::vector<std::string>& look_alikes = {});

/// Whether the item would be created by the rules alone.
bool is_new_by_rules(const Item& item);

/// Keys by which Medicapp patients are found who may be the same person.
std::vector<reconcile::Digest> matching_digests(const Rules& rules,
                                                const reconcile::Assessed& record);

} // namespace medibridge::sync
