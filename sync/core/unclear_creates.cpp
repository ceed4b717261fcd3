#include "sync/core/unclear_creates.hpp"
#include "sync/core/refusals.hpp"

#include "sync/core/cycle_status.hpp"
#include "sync/core/recording.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

Effects UnclearCreates::park(Item item, Why why) {
    Effects effects;
    if (size() >= limits::unresolved_writes) {
        effects.notice.left = "Medicapp: too many creates without a clear outcome";
        effects.counts.deferred = 1;
        return effects;
    }
    // An earlier create of ours that was never answered may have taken the externalId: then that
    // one's values count as agreed, not those that Medicapp refuses now.
    const auto& before = item.known.intent;
    if (why == Why::taken && before && before->kind == state::Intent::Kind::create)
        effects.changes.put_intent(*before);
    (why == Why::taken ? taken_ : uncertain_).push_back(std::move(item));
    return effects;
}

bool UnclearCreates::take_in(const std::string& source, reconcile::Assessed& record) {
    for (auto* const items : {&taken_, &uncertain_}) {
        const auto waiting = std::ranges::find(*items, record.patient.external_id(),
                                               [](const Item& item) { return item.external_id(); });
        if (waiting == items->end()) continue;
        waiting->source = source;
        waiting->record = std::move(record);
        return true;
    }
    return false;
}

std::vector<Item> UnclearCreates::remove_taken() {
    return std::exchange(taken_, std::vector<Item>());
}

std::vector<Item> UnclearCreates::remove_uncertain() {
    return std::exchange(uncertain_, std::vector<Item>());
}

std::vector<RefusedPatient> UnclearCreates::remove_refused(const Rules& rules) {
    // Sent twice, with two meaningless answers.
    const auto may_be_alone = [](const connectors::ApiError& error) {
        return is_answer(error) || concerns_one_patient(error);
    };
    std::vector<RefusedPatient> patients;
    std::erase_if(uncertain_, [&](const Item& item) {
        if (!item.failure || !may_be_alone(*item.failure)) return false;
        patients.push_back(refused_patient(rules, item, of_one_patient(*item.failure), {}));
        return true;
    });
    return patients;
}

Effects UnclearCreates::remove_all() {
    Effects effects;
    if (size() == 0) return effects;
    effects.counts.deferred = static_cast<std::int64_t>(size());
    effects.notice.left = "Medicapp: the outcome of a create is not known";
    taken_.clear();
    uncertain_.clear();
    return effects;
}

std::vector<Item> take_found(std::vector<Item>& items, const std::vector<state::Known>& known) {
    std::vector<Item> found;
    std::vector<Item> missing;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool is_found = known[i].link || known[i].unlinked;
        (is_found ? found : missing).push_back(std::move(items[i]));
    }
    items = std::move(missing);
    return found;
}

Effects give_up(const Rules& rules, const Observations& observations,
                const std::vector<Item>& items) {
    const auto held = Decision::hold_for(reconcile::HoldReason::conflict_unresolved, "externalId");
    Effects effects;
    for (const auto& item : items) {
        const auto& before = item.known.held;
        const bool is_held = before && before->reason == reconcile::HoldReason::conflict_unresolved;
        if (!is_held && !observations.has_old_intent(item.external_id())) {
            effects.counts.deferred += 1;
            effects.notice.left = "Medicapp says an externalId is taken, but nobody has it";
            continue;
        }
        effects.changes.drop_intent(item.external_id());
        effects.append(hold_item(rules, item, held));
    }
    return effects;
}

} // namespace medibridge::sync
