#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Who may be the patient of a record that is new: the patients of numbers that somebody once
/// stated to be the same patient's (a merge, a change of identifier, an externalId that was changed
/// in Medicapp). Numbers are given up and used again, in chains and circles, and a later statement
/// takes the place of an earlier one; so nobody is created beside such a patient before their
/// records were compared.
namespace medibridge::sync {

/// The pairs of numbers that the record gives as one patient's: its externalId with each prior one,
/// or, without an externalId, the first of them with each other.
std::vector<std::pair<std::string, std::string>> stated_pairs(const reconcile::Assessed& record);

struct Relatives {
    std::vector<std::string> medicapp_ids; ///< who is to be read and compared
    std::string erased;                    ///< Medicapp id of one who was erased; empty: nobody
    bool countless = false;                ///< more than are read: an operator decides
};

/// The relatives of a patient, from what is known of each related externalId.
Relatives relatives_among(const std::vector<state::Known>& related);

/// Decides for a record that would be created beside a relative, as Medicapp shows them; null: they
/// are gone. Where they may be one person, it is not created.
/// An operator's word counts, but where the relative has the very externalId in Medicapp.
Decision decide_beside_relative(const Rules& rules, Item& item, const std::string& medicapp_id,
                                const connectors::MedicappPatient* relative);

/// The same, beside those who were erased in Medicapp, and where there are too many.
Decision decide_beside_others(const Rules& rules, const Item& item, const Relatives& relatives);

} // namespace medibridge::sync
