#include "sync/shell/relatives.hpp"

#include "sync/core/refusals.hpp"
#include "sync/core/relatives.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::sync {

using connectors::Failure;
using runtime::Task;

namespace {

/// What is known of everybody whose number is, or was, the patient's.
std::vector<state::Known> related_patients(state::Store& store, const std::string& external_id,
                                           const std::vector<std::string>& priors) {
    auto ids = store.related(external_id);
    for (const auto& prior : priors) {
        ids.push_back(prior);
        std::ranges::copy(store.related(prior), std::back_inserter(ids));
    }
    std::ranges::sort(ids);
    ids.erase(std::ranges::unique(ids).begin(), ids.end());
    std::erase(ids, external_id);
    return store.look_up(ids);
}

} // namespace

Task<void> keep_prior_ids(Context& context, const std::vector<reconcile::Assessed>& records) {
    Effects effects;
    for (const auto& record : records)
        for (const auto& [id, prior] : stated_pairs(record))
            effects.changes.put_prior(id, prior);
    if (!effects.changes.empty()) co_await context.apply(std::move(effects));
}

Task<Effects> compare_relatives(Context& context, Item& item) {
    const auto& rules = context.rules();
    const auto& id = item.external_id();
    const auto& priors = item.record.prior_ids;
    Effects effects;
    auto find = [id, priors](state::Store& store) { return related_patients(store, id, priors); };
    const auto relatives = relatives_among(co_await context.env.database.run(std::move(find)));
    auto decision = decide_beside_others(rules, item, relatives);
    for (const auto& medicapp_id : relatives.medicapp_ids) {
        if (relatives.countless) break;
        auto reply = co_await context.env.medicapp.get(medicapp_id);
        if (!reply && reply.error().failure != Failure::not_found) {
            effects.notice.refused = refused_patient(rules, item, reply.error(), medicapp_id);
            context.heed(effects);
            item.decision = Decision::leave();
            co_return effects;
        }
        const auto* relative = reply ? &*reply : nullptr;
        auto beside = decide_beside_relative(rules, item, medicapp_id, relative);
        if (beside.kind == Decision::Kind::create) continue;
        decision = std::move(beside);
        if (decision.kind == Decision::Kind::still_held) break; // refused
        if (!reply) continue;                                   // another one may be in Medicapp
        item.detail = std::make_shared<const connectors::MedicappPatient>(std::move(*reply));
        break;
    }
    item.decision = std::move(decision);
    co_return effects;
}

} // namespace medibridge::sync
