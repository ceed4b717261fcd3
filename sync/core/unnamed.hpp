#pragma once

#include "connectors/medicapp/values.hpp"
#include "sync/core/decision.hpp"
#include "sync/core/settings.hpp"

#include <string_view>

/// Records that have a placeholder where a name belongs. It never replaces a name, so that a record
/// written beside the name that is there would make half of one person and half of another.
namespace medibridge::sync {

/// Whether the record has no name of its own: a placeholder stands for both, or for one while the
/// other is another one than the patient's.
bool names_nobody(const reconcile::Assessed& record, const reconcile::FieldSet& replaced);

/// The names for which the record has a placeholder, while the Medicapp patient has one: what is
/// there stays. Then the record proves nothing about who it is, not to an operator either.
reconcile::FieldSet unnamed(const reconcile::Assessed& record,
                            const reconcile::IdentityTraits& theirs);
reconcile::FieldSet unnamed(const Rules& rules, const reconcile::Assessed& record,
                            const connectors::MedicappPatient& patient);

/// Why nothing is written of a record with unnamed() names that describes somebody else.
inline constexpr std::string_view record_names_nobody =
    "the record has a placeholder (identity.placeholders) for a name that Medicapp knows, and "
    "differs in who it describes: it proves nothing about who that is. Have the name entered in "
    "the HIS, or the patient corrected in Medicapp";

/// The item as it is sent to a patient who has those names.
void leave_out_names(const Rules& rules, Item& item, const reconcile::FieldSet& names);

} // namespace medibridge::sync
