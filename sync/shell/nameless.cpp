#include "sync/shell/nameless.hpp"

#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

using runtime::Task;

void NamelessRecords::note(const std::vector<reconcile::Assessed>& records,
                           const reconcile::Digester& digester) {
    for (const auto& record : records) {
        if (record.patient.external_id().empty()) keys_.insert(state_key(record, digester));
    }
}

Task<void> NamelessRecords::release_others(Context& context, std::string source) const {
    auto job = [](state::Store& store) { return store.held(); };
    const auto all = co_await context.env.database.run(std::move(job));
    Effects effects;
    for (const auto& held : all) {
        if (held.source != source || !is_nameless(held.key) || keys_.contains(held.key)) continue;
        effects.append(release(held));
    }
    co_await context.apply(std::move(effects));
}

} // namespace medibridge::sync
