#include "sync/shell/vanished_records.hpp"

#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

using runtime::Task;

namespace {

/// Whether the hold is about a record that stands against another one, and is gone with it.
bool is_contradiction(reconcile::HoldReason reason) {
    return reason == reconcile::HoldReason::divergence ||
           reason == reconcile::HoldReason::ambiguous_source;
}

} // namespace

void VanishedRecords::note(const std::vector<reconcile::Assessed>& records,
                           const reconcile::Digester& digester) {
    for (const auto& record : records) {
        if (record.patient.external_id().empty()) keys_.insert(state_key(record, digester));
    }
}

Task<void> VanishedRecords::release(Context& context, const SourcePass& pass) const {
    const auto& source = pass.source().name();
    auto job = [](state::Store& store) { return store.held(); };
    const auto all = co_await context.env.database.run(std::move(job));
    Effects effects;
    for (const auto& held : all) {
        if (held.source != source) continue;
        if (is_nameless(held.key)) {
            if (!keys_.contains(held.key)) effects.append(sync::release(held));
        } else if (is_contradiction(held.reason) && !pass.shown()->contains(held.key)) {
            effects.append(sync::release(held));
            // Others were not heard meanwhile.
            if (context.source_names.size() > 1) effects.released.push_back({held.key, source});
        }
    }
    co_await context.apply(std::move(effects));
}

} // namespace medibridge::sync
