#include "sync/shell/erasures.hpp"

#include "sync/core/recording.hpp"
#include "sync/shell/guards.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::sync {

using connectors::Failure;
using runtime::Task;

namespace {

struct Missing {
    std::vector<state::Link> links; ///< no more than are plausible
    std::int64_t count = 0;
    std::int64_t linked = 0;
    std::int64_t plausible = 0;
};

Task<Missing> find_missing(Context& context, const base::IdSet& listed) {
    const auto& settings = context.env.settings;
    auto job = [ids = &listed, ratio = settings.max_changes_ratio,
                at_least = settings.max_changes_at_least](state::Store& store) {
        Missing missing;
        missing.linked = store.counts().links;
        missing.plausible = std::max(
            at_least, static_cast<std::int64_t>(static_cast<double>(missing.linked) * ratio));
        store.each_link([&](const state::Link& link) {
            if (ids->contains(link.medicapp_id)) return;
            if (++missing.count <= missing.plausible) missing.links.push_back(link);
        });
        return missing;
    };
    co_return co_await context.env.database.run(std::move(job));
}

Effects note_erasure(const Rules& rules, Observations& observations, const state::Link& link) {
    Effects effects;
    observations.settle_change(link.external_id);
    if (rules.settings.policy.on_erased == reconcile::OnErased::recreate) {
        effects.changes.drop_link(link.external_id);
        observations.want(link.external_id);
        return effects;
    }
    effects.changes = erasure(link.external_id, link.medicapp_id);
    state::Held held;
    held.key = link.external_id;
    held.source = link.source;
    held.reason = reconcile::HoldReason::erased_in_medicapp;
    held.medicapp_id = link.medicapp_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    effects.append(hold(std::move(held)));
    return effects;
}

} // namespace

Task<std::vector<state::Link>> find_erasures(Context& context, Observations& observations) {
    std::vector<state::Link> erased;
    if (!context.going()) co_return erased;
    const auto listed = observations.take_all();
    if (!listed) co_return erased;
    const auto missing = co_await find_missing(context, *listed);
    if (missing.count > missing.plausible) {
        guard_changes(context, std::to_string(missing.count) + " of " +
                                   std::to_string(missing.linked) +
                                   " linked patients are not in Medicapp");
        co_return erased;
    }
    for (const auto& link : missing.links) {
        if (!context.going()) break;
        const auto reply = co_await context.env.medicapp.get(link.medicapp_id);
        if (reply) continue;
        if (reply.error().failure != Failure::not_found) {
            context.fail_one(RefusedPatient(link, reply.error()));
            continue;
        }
        erased.push_back(link);
    }
    co_return erased;
}

Task<void> record_erasures(Context& context, Observations& observations,
                           std::vector<state::Link> erased) {
    Effects effects;
    for (const auto& link : erased)
        effects.append(note_erasure(context.rules(), observations, link));
    co_await context.apply(std::move(effects));
}

} // namespace medibridge::sync
