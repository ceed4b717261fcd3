#include "sync/shell/renaming.hpp"

#include "sync/core/claims.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/formers.hpp"
#include "sync/shell/inquiry.hpp"
#include "sync/shell/rings.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::Source;
using reconcile::Assessed;
using runtime::Task;

namespace {

/// What became of a change of identifier.
enum class RenamingEnd {
    done,    ///< or there is nothing to do
    refused, ///< another Medicapp patient has the new one, or it is somebody else's
    open,    ///< it was not done, and both records are to be left
};

Task<RenamingEnd> on_failure(Context& context, const Renaming& renaming,
                             const connectors::ApiError& error) {
    co_await context.apply(on_rename_failure(context.rules(), renaming, error));
    co_await context.apply(hold_survivor(context.rules(), renaming, error));
    co_return is_open_after(error) ? RenamingEnd::open : RenamingEnd::refused;
}

/// A change of identifier tells that the patient is the same; what the source shows of the new one
/// must not tell otherwise, and where the number was others' too, must say so. False: that cannot
/// be seen now.
Task<bool> find_record(Context& context, const std::vector<Source*>& sources, Renaming& renaming,
                       SourceSight& sight) {
    const bool tells = renaming.changed_identifier || renaming.shared_number || renaming.contested;
    if (renaming.record || !tells) co_return true;
    const auto source = std::ranges::find(sources, renaming.source, &Source::name);
    if (source == sources.end()) co_return false;
    sight = co_await look_at_source(context.rules(), **source, renaming.survivor);
    if (!sight.trouble.empty())
        context.heed({.left = "source " + renaming.source + ": " + sight.trouble});
    if (sight.record) renaming.record = &*sight.record;
    co_return sight.trouble.empty() && sight.contradicting.empty();
}

/// Whether a third number was ever stated to be of the same patient.
Task<bool> shares_number(Context& context, const Renaming& renaming) {
    const auto others = co_await context.env.database.run(
        [id = renaming.link.external_id](state::Store& store) { return store.related(id); });
    co_return std::ranges::any_of(others,
                                  [&](const std::string& id) { return id != renaming.survivor; });
}

/// What a user of Medicapp has changed under the former externalId is judged together with the
/// record of the new one. `seen`: before our own write.
void observe_moved(Context& context, const std::string& external_id,
                   const connectors::MedicappPatient& seen) {
    const auto& env = context.env;
    context.observations.note_change(
        external_id, medicapp_view(seen, external_id, env.digester, env.settings.identity));
}

Task<RenamingEnd> rename(Context& context, const std::vector<Source*>& sources, Renaming renaming) {
    const auto& rules = context.rules();
    renaming.shared_number = co_await shares_number(context, renaming);
    SourceSight sight; // as long as the renaming, which may point into it
    if (!co_await find_record(context, sources, renaming, sight)) co_return RenamingEnd::open;
    const auto seen = co_await context.env.medicapp.get(renaming.link.medicapp_id);
    if (!seen) {
        if (seen.error().failure == Failure::not_found) {
            co_await context.apply(record_erased(rules, renaming));
            co_return RenamingEnd::done;
        }
        co_return co_await on_failure(context, renaming, seen.error());
    }
    const auto step = step_of(rules, renaming, *seen);
    if (step == RenamingStep::leave) co_return RenamingEnd::refused;
    if (step == RenamingStep::follow) {
        co_await context.apply(follow(rules, renaming, *seen, *seen));
        observe_moved(context, renaming.survivor, *seen);
        co_return RenamingEnd::done;
    }
    auto answer = co_await context.env.medicapp.update(external_id_update(renaming));
    // An answer without a body says nothing of what was done.
    if (answer && answer->patient.external_id().empty())
        answer = co_await context.env.medicapp.get(renaming.link.medicapp_id);
    if (!answer) co_return co_await on_failure(context, renaming, answer.error());
    if (const auto error = not_renamed(renaming, *answer))
        co_return co_await on_failure(context, renaming, *error);
    co_await context.apply(follow(rules, renaming, *seen, *answer));
    observe_moved(context, renaming.survivor, *seen);
    co_return RenamingEnd::done;
}

/// Keeps in mind that a linked patient goes on under an externalId that is not free now, or that
/// somebody else has left.
void note_former(Context& context, const Assessed& retiring,
                 const std::vector<std::string>& survivors, const state::Known& retired) {
    if (!retired.link) return;
    const Former former{retired.link->external_id, retired.link->medicapp_id, retiring.renamed};
    for (const auto& survivor : survivors)
        if (survivor != former.external_id) context.memory.formers.note(survivor, former);
}

} // namespace

Task<std::set<std::string>> follow_renaming(Context& context, const std::vector<Source*>& sources,
                                            const std::string& source,
                                            std::vector<Assessed>& records) {
    std::set<std::string> left;
    for (const auto& record : records) {
        if (!is_merge(record)) continue;
        if (!context.going()) break;
        const auto survivors = survivors_of(records, record);
        const auto& survivor = survivors.back();
        const auto known =
            co_await context.env.database.look_up({record.patient.external_id(), survivor});
        const auto merge = merge_of(context.rules(), record, known[0]);
        if (merge && !context.late.allows(*merge)) continue; // left with its record
        const bool is_ring = co_await closes_ring(context, record);
        co_await context.apply(keep_redirect(record, known[0], is_ring));
        // Who was merged into this one before is in use, whatever their own record says.
        if (is_ring) context.observations.want(record.merged_into);
        co_await context.apply(stay_erased(survivor, known[0], known[1]));
        auto renaming = renaming_of(source, records, record, survivor, known[0], known[1]);
        if (!renaming) {
            note_former(context, record, survivors, known[0]);
            continue;
        }
        const auto end = co_await rename(context, sources, std::move(*renaming));
        if (end == RenamingEnd::open)
            left.insert({record.patient.external_id(), record.merged_into, survivor});
        if (end == RenamingEnd::refused) note_former(context, record, survivors, known[0]);
    }
    std::erase_if(records, [&](const Assessed& record) {
        return left.contains(record.patient.external_id());
    });
    co_return left;
}

Task<void> recall_formers(Context& context) {
    auto& memory = context.memory;
    if (memory.formers_known && !context.request.full) co_return;
    memory.formers =
        co_await context.env.database.run([](state::Store& store) { return all_formers(store); });
    memory.formers_known = true;
}

namespace {

/// The state of both externalIds, after a look at whether the new one was taken from somebody.
Task<std::vector<state::Known>> look_up_both(Context& context, const Former& former,
                                             const std::string& survivor) {
    const std::vector<std::string> ids{former.external_id, survivor};
    auto known = co_await context.env.database.look_up(ids);
    auto holder = may_be_freed(former, known[1]);
    if (holder.empty()) co_return known;
    const auto seen = co_await context.env.medicapp.get(std::move(holder));
    if (!seen && seen.error().failure != Failure::not_found) co_return known;
    co_await context.apply(
        free_survivor(context.rules(), survivor, known[1], seen ? &*seen : nullptr));
    co_return co_await context.env.database.look_up(ids);
}

} // namespace

Task<void> follow_formers(Context& context, const std::vector<Source*>& sources) {
    auto& formers = context.memory.formers;
    const auto wanted = [&](const std::string& id) { return context.observations.is_wanted(id); };
    for (const auto& [survivor, former] : formers.take_due(context.request.full, wanted)) {
        if (!context.going()) co_return;
        const auto known = co_await look_up_both(context, former, survivor);
        auto renaming = renaming_of_former(former, survivor, known[0], known[1]);
        if (!renaming ||
            co_await rename(context, sources, std::move(*renaming)) != RenamingEnd::done)
            continue;
        const auto now = co_await context.env.database.look_up({survivor});
        if (!now.front().link) continue;
        formers.settle(survivor);
        // What their record says is not compared with Medicapp yet.
        context.observations.want(survivor);
    }
}

Task<std::string> take_link_back(Context& context, const Item& item) {
    const auto& id = item.external_id();
    const auto link = (co_await context.env.database.links_to({item.decision.medicapp_id})).front();
    // It may have moved just now.
    if (!link || !item.detail) co_return std::string();
    const auto known = co_await context.env.database.look_up({link->external_id, id});
    if (known[1].link) co_return std::string();
    const Renaming renaming{item.source,   *link,        known[0].held, id,
                            known[1].held, &item.record, false};
    co_await context.apply(take_back(context.rules(), renaming, *item.detail));
    observe_moved(context, id, *item.detail);
    co_return link->external_id;
}

Task<void> find_former(Context& context, Item& item) {
    const auto* former = context.memory.formers.of(item.external_id());
    if (!former) co_return;
    const auto known = co_await context.env.database.look_up({former->external_id});
    const auto& link = known.front().link;
    if (link && link->medicapp_id == former->medicapp_id && !known.front().redirect.empty())
        item.former = *former;
}

} // namespace medibridge::sync
