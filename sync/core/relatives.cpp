#include "sync/core/relatives.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/beside_another.hpp"
#include "sync/core/decision_table.hpp"
#include "sync/core/order.hpp"

namespace medibridge::sync {

using reconcile::HoldReason;
using reconcile::IdentityTraits;
using Kind = Decision::Kind;

namespace {

constexpr const char* of_another_number =
    "may be the patient of another externalId, which the HIS or Medicapp once gave as theirs";
constexpr std::string_view has_it_already =
    "a Medicapp patient has that externalId: change or remove it there first";

} // namespace

std::vector<std::pair<std::string, std::string>> stated_pairs(const reconcile::Assessed& record) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const auto& priors = record.prior_ids;
    if (priors.empty()) return pairs;
    const auto& own = record.patient.external_id();
    const auto& id = own.empty() ? priors.front() : own;
    for (const auto& prior : priors)
        if (prior != id) pairs.emplace_back(id, prior);
    return pairs;
}

Relatives relatives_among(const std::vector<state::Known>& related) {
    Relatives found;
    found.countless = related.size() >= state::related_limit;
    for (const auto& known : related) {
        if (known.link) {
            found.medicapp_ids.push_back(known.link->medicapp_id);
            continue;
        }
        // Somebody else may have the number of who was erased.
        if (known.unlinked) found.medicapp_ids.push_back(known.unlinked->medicapp_id);
        if (known.tombstone) found.erased = known.tombstone->medicapp_id;
    }
    return found;
}

Decision decide_beside_relative(const Rules& rules, Item& item, const std::string& medicapp_id,
                                const connectors::MedicappPatient* relative) {
    const bool carries = relative && relative->patient.external_id() == item.external_id();
    if (is_ordered(item, DecisionKind::create)) {
        if (!carries) return Decision(Kind::create);
        refuse_order(item, has_it_already);
        return Decision(Kind::still_held);
    }
    if (carries) return decide_after_merge(rules, item, *relative);
    if (!relative) {
        Relatives gone;
        gone.erased = medicapp_id;
        return decide_beside_others(rules, item, gone);
    }
    const auto& identity = rules.settings.identity;
    const IdentityTraits ours(item.record.patient, item.record.other_last_name, identity);
    const IdentityTraits theirs(relative->patient, {}, identity);
    const bool two = reconcile::describe_two(ours, theirs) ||
                     is_told_apart(rules, item.record, item.known, relative->id);
    if (two) return Decision(Kind::create);
    return Decision::hold_for(HoldReason::possible_duplicate, {}, of_another_number, relative->id);
}

Decision decide_beside_others(const Rules& rules, const Item& item, const Relatives& relatives) {
    if (is_ordered(item, DecisionKind::create)) return Decision(Kind::create);
    if (relatives.countless)
        return Decision::hold_for(HoldReason::possible_duplicate, {}, of_another_number);
    const bool holds = rules.settings.policy.on_erased == reconcile::OnErased::hold;
    if (relatives.erased.empty() || !holds) return Decision(Kind::create);
    return Decision::hold_for(HoldReason::erased_in_medicapp, {}, {}, relatives.erased);
}

} // namespace medibridge::sync
