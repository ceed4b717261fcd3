#include "sync/shell/erasures.hpp"

#include "sync/shell/guards.hpp"
#include "sync/shell/recording.hpp"

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

Task<Missing> find_missing(Context& context, const Observations& observations) {
    const auto& settings = context.env.settings;
    auto job = [ids = &*observations.all_ids, ratio = settings.max_changes_ratio,
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

void note_erasure(Context& context, Observations& observations, const state::Link& link,
                  state::Batch& batch) {
    observations.changed.erase(link.external_id);
    if (context.env.settings.policy.on_erased == reconcile::OnErased::recreate) {
        batch.drop_link(link.external_id);
        observations.wanted.insert(link.external_id);
        return;
    }
    record_erasure(link.external_id, link.medicapp_id, batch);
    state::Held held;
    held.key = link.external_id;
    held.source = link.source;
    held.reason = reconcile::HoldReason::erased_in_medicapp;
    held.medicapp_id = link.medicapp_id;
    held.held_at_ms = context.request.wall_clock_ms;
    record_hold(context, std::move(held), batch);
}

} // namespace

Task<std::vector<state::Link>> find_erasures(Context& context, Observations& observations) {
    std::vector<state::Link> erased;
    if (!observations.all_ids || !context.going()) co_return erased;
    const auto missing = co_await find_missing(context, observations);
    observations.all_ids.reset();
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
    state::Batch batch;
    for (const auto& link : erased)
        note_erasure(context, observations, link, batch);
    co_await context.env.database.commit(std::move(batch));
}

} // namespace medibridge::sync
