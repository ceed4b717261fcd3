#include "sync/shell/renaming.hpp"

#include "sync/core/recording.hpp"

#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using reconcile::Assessed;
using runtime::Task;

namespace {

Task<Effects> rename(Context& context, Renaming renaming) {
    const auto& rules = context.rules();
    const auto seen = co_await context.env.medicapp.get(renaming.link.medicapp_id);
    if (!seen) {
        // Erased: found out later.
        if (seen.error().failure == Failure::not_found) co_return Effects();
        co_return on_rename_failure(rules, renaming, seen.error());
    }
    const auto& carried = seen->patient.external_id();
    // An earlier run got as far as that.
    if (carried == renaming.survivor) co_return follow(rules, renaming, *seen, *seen);
    // Somebody gave it a third one in Medicapp: for the operator, who is told of that already. And
    // where it is somebody else, the retired one waits for an operator.
    if (carried != renaming.link.external_id || !is_same_person(rules, renaming, *seen))
        co_return Effects();
    const auto answer = co_await context.env.medicapp.update(external_id_update(renaming));
    if (!answer) co_return on_rename_failure(rules, renaming, answer.error());
    co_return follow(rules, renaming, *seen, *answer);
}

} // namespace

Task<void> follow_renaming(Context& context, std::string source,
                           const std::vector<Assessed>& records) {
    for (const auto& record : records) {
        if (record.merged_into.empty() || record.patient.external_id().empty()) continue;
        if (!context.going()) co_return;
        std::vector<std::string> ids(1, record.patient.external_id());
        const auto survivor = survivor_of(records, record);
        ids.push_back(survivor);
        const auto known = co_await context.env.database.look_up(std::move(ids));
        if (known[0].redirect != record.merged_into) {
            // Before any write: who crashes after it knows by this that the new externalId is ours.
            Effects effects;
            effects.changes = redirect(record.patient.external_id(), record.merged_into);
            co_await context.apply(std::move(effects));
        }
        auto renaming = renaming_of(source, records, record, survivor, known[0], known[1]);
        if (!renaming) continue;
        co_await context.apply(co_await rename(context, std::move(*renaming)));
    }
}

} // namespace medibridge::sync
