#include "sync/core/decision.hpp"

#include <utility>

namespace medibridge::sync {

using reconcile::HoldReason;

Decision Decision::hold_for(HoldReason reason, std::string at_fault, std::string words,
                            std::string other_id) {
    Decision decision(Decision::Kind::hold);
    decision.hold_reason = reason;
    decision.field = std::move(at_fault);
    decision.detail = std::move(words);
    decision.medicapp_id = std::move(other_id);
    return decision;
}

Decision Decision::inspect(Inspection purpose, std::vector<std::string> medicapp_ids) {
    Decision decision(Decision::Kind::inspect);
    decision.inspection = purpose;
    decision.inspect_ids = std::move(medicapp_ids);
    return decision;
}

Decision Decision::leave() {
    Decision decision(Decision::Kind::untouched);
    decision.is_left = true;
    return decision;
}

bool stops_all_sources(HoldReason reason) {
    return !lies_in_medicapp(reason) && reason != HoldReason::invalid;
}

bool lies_in_medicapp(HoldReason reason) {
    switch (reason) {
    case HoldReason::identity_mismatch:
    case HoldReason::conflict_unresolved:
    case HoldReason::possible_duplicate:
    case HoldReason::erased_in_medicapp:
    case HoldReason::external_id_taken:
    case HoldReason::rejected:
    case HoldReason::refused_by_server:
    case HoldReason::altered_in_state:
        return true;
    default:
        return false;
    }
}

} // namespace medibridge::sync
