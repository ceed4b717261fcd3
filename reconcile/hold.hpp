#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace medibridge::reconcile {

/// Why a patient is held, until an operator decides or the cause is gone.
enum class HoldReason : std::uint8_t {
    invalid,          ///< a required field is missing or impossible
    ambiguous_source, ///< one poll gave contradicting identities for one externalId
    inactive_in_his,
    deleted_in_his,
    merged_in_his,
    deceased,
    identity_status,     ///< the HIS's identity status is one that the operator holds
    identity_mismatch,   ///< the externalId belongs to somebody else in Medicapp
    divergence,          ///< the update would change who the record describes
    conflict_unresolved, ///< Medicapp answers 409 and shows nobody with that externalId
    possible_duplicate,  ///< a Medicapp patient without externalId has the same traits
    erased_in_medicapp,
    external_id_taken,
    rejected, ///< Medicapp refuses the patient
    /// This patient's write fails, cycle after cycle, while others succeed: whoever answers (a
    /// firewall, a server error) has not judged the patient's data.
    refused_by_server,
    /// What the state says of the patient was changed by somebody without its key, or by a fault of
    /// the disk: nothing is concluded from it.
    altered_in_state,
};

/// The word used in the state, in logs and on the command line: `identity_mismatch`.
std::string_view name(HoldReason reason);
std::optional<HoldReason> hold_reason_named(std::string_view name);

/// Whether a rule keeps such a patient out of Medicapp, so that nobody has anything to decide: the
/// dead, closed, deleted, merged, and those of a doubtful identity.
bool is_excluded(HoldReason reason);

} // namespace medibridge::reconcile
