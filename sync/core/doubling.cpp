#include "sync/core/doubling.hpp"

#include "reconcile/identity.hpp"

namespace medibridge::sync {

bool describes_former(const Rules& rules, const Inquiry& now) {
    if (!now.former) return false;
    const auto* record = now.record();
    const bool shown = now.other && now.other->is_former && now.other->patient;
    if (!record || !shown) return now.former->renamed;
    const auto& policy = rules.settings.identity;
    const reconcile::IdentityTraits ours(record->patient, record->other_last_name, policy);
    const reconcile::IdentityTraits theirs(now.other->patient->patient, {}, policy);
    return now.former->renamed ? !reconcile::describe_two(ours, theirs) : agree(ours, theirs);
}

bool doubles(const Inquiry& now, DecisionKind kind) {
    return now.is_formers && (kind == DecisionKind::update || kind == DecisionKind::link);
}

std::string why_doubled(const Inquiry& now) {
    const bool is_carried = now.medicapp && now.medicapp->patient.external_id() == now.key;
    return "the record is that of " + now.former->external_id + ", whom Medicapp has as " +
           now.former->medicapp_id + ": they would be there twice. " +
           (is_carried ? "Have the externalId freed in Medicapp"
                       : "Have their externalId put right in Medicapp") +
           ": the link then moves to it by itself";
}

} // namespace medibridge::sync
