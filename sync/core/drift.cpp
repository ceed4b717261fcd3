#include "sync/core/drift.hpp"

#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

bool reasserts(const Rules& rules, const state::Link& link, const reconcile::SideView& seen) {
    auto his = link.baselines.his;
    his.modified_at = believed_time(his.modified_at, link.unbelieved_at, his);
    return plan_update(&link.baselines, his, reconcile::FieldSet(),
                       completed(seen, link.baselines.medicapp), rules.settings.policy)
        .writes();
}

Effects accept(state::Link link, const reconcile::SideView& seen) {
    const auto before = link.baselines.medicapp;
    link.baselines.medicapp = completed(seen, before);
    const auto fields = differing(before.fields, link.baselines.medicapp.fields);
    auto effects = report_drift(link, fields, "kept");
    effects.changes.put_link(std::move(link));
    return effects;
}

} // namespace medibridge::sync
