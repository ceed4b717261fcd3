#include "reconcile/hold.hpp"

#include <algorithm>
#include <array>

namespace medibridge::reconcile {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 16> reason_names = {
    "invalid",
    "ambiguous_source",
    "inactive_in_his",
    "deleted_in_his",
    "merged_in_his",
    "deceased",
    "identity_status",
    "identity_mismatch",
    "divergence",
    "conflict_unresolved",
    "possible_duplicate",
    "erased_in_medicapp",
    "external_id_taken",
    "rejected",
    "refused_by_server",
    "altered_in_state",
};
static_assert(reason_names.size() == static_cast<std::size_t>(HoldReason::altered_in_state) + 1);

} // namespace

std::string_view name(HoldReason reason) {
    return reason_names[static_cast<std::size_t>(reason)];
}

std::optional<HoldReason> hold_reason_named(std::string_view text) {
    const auto* found = std::ranges::find(reason_names, text);
    if (found == reason_names.end()) return std::nullopt;
    return static_cast<HoldReason>(found - reason_names.begin());
}

bool is_excluded(HoldReason reason) {
    switch (reason) {
    case HoldReason::inactive_in_his:
    case HoldReason::deleted_in_his:
    case HoldReason::merged_in_his:
    case HoldReason::deceased:
    case HoldReason::identity_status:
        return true;
    default:
        return false;
    }
}

} // namespace medibridge::reconcile
