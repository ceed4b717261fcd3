#include "sync/core/beside_another.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/decision_table.hpp"
#include "sync/core/formers.hpp"

#include <optional>

namespace medibridge::sync {

using reconcile::HoldReason;
using reconcile::IdentityTraits;
using Kind = Decision::Kind;

Decision decide_after_merge(const Rules& rules, const Item& item,
                            const connectors::MedicappPatient& survivor) {
    const auto& record = item.record;
    const auto& identity = rules.settings.identity;
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    const IdentityTraits theirs(survivor.patient, {}, identity);
    const bool told_apart = is_told_apart(rules, record, item.known, survivor.id);
    if (survivor.patient.external_id() == item.external_id()) {
        // As of anybody who has the externalId: only the same person is linked.
        if (told_apart || !agree(ours, theirs))
            return Decision::hold_for(HoldReason::identity_mismatch, {}, {}, survivor.id);
        Decision decision(Kind::take_back);
        decision.medicapp_id = survivor.id;
        return decision;
    }
    if (item.known.redirect.empty())
        return Decision(Kind::create); // whoever had it, has it no more
    const bool two = reconcile::describe_two(ours, theirs);
    if (two || told_apart) return Decision(Kind::create);
    if (agree(ours, theirs))
        return Decision::hold_for(HoldReason::merged_in_his, {}, {}, survivor.id);
    return Decision::hold_for(HoldReason::possible_duplicate, {},
                              "a former externalId of that patient is used again", survivor.id);
}

Decision hold_for_former(const Former& former) {
    return Decision::hold_for(HoldReason::possible_duplicate, "externalId", goes_on_here,
                              former.medicapp_id);
}

Decision decide_beside_former(const Rules& rules, const Item& item,
                              const connectors::MedicappPatient* patient) {
    if (!patient || !item.former) return Decision(Kind::create);
    const auto& record = item.record;
    const auto& identity = rules.settings.identity;
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    if (is_told_apart(rules, record, item.known, patient->id)) return Decision(Kind::create);
    const bool same = agree(ours, IdentityTraits(patient->patient, {}, identity));
    return item.former->renamed || same ? hold_for_former(*item.former) : Decision(Kind::create);
}

Decision decide_look_alike(const Rules& rules, const Item& item,
                           const std::vector<connectors::MedicappPatient>& candidates) {
    const auto& record = item.record;
    const auto& identity = rules.settings.identity;
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    std::optional<std::size_t> match;
    bool several = false;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (!candidates[i].patient.external_id().empty()) continue;
        if (is_told_apart(rules, record, item.known, candidates[i].id)) continue;
        if (!agree(ours, IdentityTraits(candidates[i].patient, {}, identity))) continue;
        several = match.has_value();
        if (!match) match = i;
    }
    if (!match) return Decision(Kind::create);
    if (several || rules.settings.policy.on_unlinked_match == reconcile::OnUnlinkedMatch::hold) {
        return Decision::hold_for(HoldReason::possible_duplicate, {},
                                  several ? "several Medicapp patients match" : "",
                                  candidates[*match].id);
    }
    return decide_adoption(rules, item, std::nullopt, candidates[*match]);
}

} // namespace medibridge::sync
