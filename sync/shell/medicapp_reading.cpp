#include "sync/shell/medicapp_reading.hpp"

#include "base/runtime/concurrency.hpp"
#include "sync/core/drift.hpp"
#include "sync/core/guards.hpp"
#include "sync/core/medicapp_page.hpp"
#include "sync/core/returned.hpp"
#include "sync/core/views.hpp"

#include <functional>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPage;
using runtime::Task;

namespace {

/// Reads one linked patient and notes how they look now, if they still exist.
Task<void> observe(Context& context, state::Link link) {
    auto reply = co_await context.env.medicapp.get(link.medicapp_id);
    if (!reply) {
        if (reply.error().failure == Failure::not_found) co_return;
        context.heed({.refused = RefusedPatient(link, reply.error())});
        // What the list alone shows of a change must not pass for all of it.
        context.observations.settle_change(link.external_id);
        co_return;
    }
    const auto& carried = reply->patient.external_id();
    if (!reply->external_id_unreadable && carried != link.external_id) {
        context.observations.settle_change(link.external_id);
        context.observations.note_renamed({std::move(link), carried});
        co_return;
    }
    const auto& env = context.env;
    context.observations.note_change(
        link.external_id,
        medicapp_view(*reply, link.external_id, env.digester, env.settings.identity));
}

/// Reads a patient who carries the externalId of a create that was never answered. If they have
/// exactly what was sent, the create made them, and they are linked, whatever the HIS says now.
/// Otherwise the decision on the HIS's record counts.
Task<Effects> read_created(Context& context, Unanswered one) {
    Effects effects;
    if (!context.going()) co_return effects;
    auto reply = co_await context.env.medicapp.get(one.medicapp_id);
    if (reply) co_return link_if_created(context.rules(), one.create, *reply);
    if (reply.error().failure == Failure::not_found) co_return effects;
    RefusedPatient patient;
    patient.external_id = one.create.external_id;
    patient.medicapp_id = one.medicapp_id;
    patient.error = reply.error();
    context.heed({.refused = std::move(patient)});
    co_return effects;
}

Task<void> link_created(Context& context, std::vector<Unanswered> unanswered) {
    Effects all;
    std::function<Task<void>(std::size_t)> link = [&](std::size_t i) -> Task<void> {
        auto effects = co_await read_created(context, unanswered[i]);
        context.heed(effects);
        all.append(std::move(effects));
    };
    co_await runtime::for_each_concurrently(unanswered.size(), context.env.settings.concurrency,
                                            std::move(link));
    co_await context.apply(std::move(all));
}

/// Whoever is held because of a patient of the page may be so no longer.
Task<void> want_held_about(Context& context, const MedicappPage& page,
                           const std::vector<std::optional<state::Link>>& links) {
    std::vector<UnlinkedSight> patients;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < links.size(); ++i) {
        if (links[i]) continue;
        patients.push_back({&page.patients[i], {}});
        ids.push_back(page.patients[i].id);
    }
    if (ids.empty()) co_return;
    auto job = [ids = std::move(ids)](state::Store& store) {
        auto held = store.held_about(ids);
        return std::pair(held, held.empty() ? std::vector<std::optional<state::Unlinked>>()
                                            : store.unlinked(ids));
    };
    auto [held, before] = co_await context.env.database.run(std::move(job));
    for (std::size_t i = 0; i < before.size(); ++i)
        patients[i].before = std::move(before[i]);
    want_held_about(context.rules(), context.memory, context.observations, patients, held);
}

/// Whoever was erased and seems to be there again is read, as a list may lag, and held.
Task<void> look_for_returned(Context& context, const MedicappPage& page,
                             const std::vector<std::optional<state::Link>>& links,
                             const std::vector<state::Known>& known) {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < links.size(); ++i) {
        if (!links[i]) ids.push_back(page.patients[i].id);
    }
    if (ids.empty()) co_return;
    auto job = [ids = std::move(ids)](state::Store& store) { return store.tombstones_of(ids); };
    const auto tombstones = co_await context.env.database.run(std::move(job));
    for (const auto& patient : find_returned(page, links, known, tombstones)) {
        if (!context.going()) co_return;
        const auto state = co_await context.env.database.look_up({patient.external_id});
        auto effects = hold_returned(context.rules(), patient, state.front());
        if (effects.changes.empty()) continue;
        const auto now = co_await context.env.medicapp.get(patient.medicapp_id);
        if (now) co_await context.apply(std::move(effects));
    }
}

/// Whoever was there again, and is not in this complete list, is gone.
Task<void> end_returns(Context& context, const base::IdSet& listed) {
    auto job = [](state::Store& store) { return store.held(); };
    for (const auto& held : co_await context.env.database.run(std::move(job))) {
        if (!says_returned(held) || listed.contains(held.medicapp_id)) continue;
        if (!context.going()) co_return;
        const auto now = co_await context.env.medicapp.get(held.medicapp_id);
        const bool gone = !now && now.error().failure == Failure::not_found;
        if (gone) co_await context.apply(end_return(held));
    }
}

/// What the state holds about a page's patients, in their order.
struct KnownPage {
    std::vector<state::Known> known; ///< of their externalIds
    std::vector<std::optional<state::Link>> links;
};

/// A patient is nearly always linked to the externalId that they carry: then one look is enough.
KnownPage look_up_page(state::Store& store, const std::vector<std::string>& ids,
                       const std::vector<std::string>& external_ids) {
    KnownPage page{store.look_up(external_ids), {}};
    page.links.resize(ids.size());
    std::vector<std::size_t> places;
    std::vector<std::string> others;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto& link = page.known[i].link;
        if (link && link->medicapp_id == ids[i]) {
            page.links[i] = *link;
        } else {
            places.push_back(i);
            others.push_back(ids[i]);
        }
    }
    if (others.empty()) return page;
    auto links = store.links_to(others);
    for (std::size_t i = 0; i < places.size(); ++i)
        page.links[places[i]] = std::move(links[i]);
    return page;
}

Task<void> note_page(Context& context, const MedicappPage& page, bool compare_all) {
    std::vector<std::string> ids;
    std::vector<std::string> external_ids;
    for (const auto& patient : page.patients) {
        ids.push_back(patient.id);
        external_ids.push_back(patient.patient.external_id());
    }
    auto job = [ids = std::move(ids), external_ids = std::move(external_ids)](state::Store& store) {
        return look_up_page(store, ids, external_ids);
    };
    const auto [known, links] = co_await context.env.database.run(std::move(job));

    co_await want_held_about(context, page, links);
    auto found =
        find_in_page(context.rules(), context.observations, page, links, known, compare_all);
    co_await context.apply(std::move(found.effects));
    co_await look_for_returned(context, page, links, known);

    std::function<Task<void>(std::size_t)> read_detail = [&](std::size_t i) -> Task<void> {
        if (context.going()) co_await observe(context, found.to_observe[i]);
    };
    co_await runtime::for_each_concurrently(
        found.to_observe.size(), context.env.settings.concurrency, std::move(read_detail));
    if (!found.unanswered.empty()) co_await link_created(context, std::move(found.unanswered));
}

Task<MedicappPass> read_pass(Context& context, connectors::ListQuery query, bool compare_all,
                             std::string anchor) {
    MedicappPass pass(std::move(anchor));
    for (query.page = 1;; ++query.page) {
        if (!context.going()) co_return pass;
        auto reply = co_await context.env.medicapp.list(query);
        if (!reply) {
            context.heed({.halt = reply.error()});
            co_return pass;
        }
        const auto& page = *reply;
        pass.note(page, query);
        for (const auto& patient : page.patients)
            context.observations.note_listed(patient);
        co_await note_page(context, page, compare_all);
        if (page.patients.empty() || query.page >= page.total_pages) break;
        query.link = page.next;
    }
    pass.ended = context.going();
    co_return pass;
}

} // namespace

Task<MedicappRead> read_medicapp(Context& context, std::optional<reconcile::Instant> since,
                                 reconcile::Precision precision, bool compare_all,
                                 std::string anchor) {
    connectors::ListQuery query;
    query.modified_after = since;
    query.precision = precision;
    auto& observations = context.observations;
    for (int attempt = 1; attempt <= limits::reading_passes; ++attempt) {
        auto pass = co_await read_pass(context, query, compare_all, anchor);
        if (!pass.ended) co_return std::nullopt;
        if (!pass.proven()) {
            co_await context.apply(pass.moved(attempt));
            continue;
        }
        if (!since) observations.note_all(std::move(pass.ids));
        if (!observations.is_full()) co_return pass.result;
        context.heed({.left = "more patients changed in Medicapp than one cycle takes"});
        co_return std::nullopt;
    }
    co_return std::nullopt;
}

Task<void> recall_unfinished_writes(Context& context) {
    auto job = [](state::Store& store) { return store.intents(); };
    const auto intents = co_await context.env.database.run(std::move(job));
    const auto links =
        co_await context.env.database.links_to(context.observations.note_old_intents(intents));
    std::function<Task<void>(std::size_t)> look = [&](std::size_t i) -> Task<void> {
        if (links[i] && context.going()) co_await observe(context, *links[i]);
    };
    co_await runtime::for_each_concurrently(links.size(), context.env.settings.concurrency,
                                            std::move(look));
}

Task<std::vector<state::Link>> find_erasures(Context& context) {
    std::vector<state::Link> erased;
    if (!context.going()) co_return erased;
    const auto listed = context.observations.take_all();
    if (!listed) co_return erased;
    const auto& rules = context.rules();
    auto job = [&listed, &rules](state::Store& store) {
        MissingPatients found;
        found.linked = store.counts().links;
        found.plausible = plausibly_missing(rules, found.linked);
        store.each_linked_id([&](const std::string& medicapp_id) {
            if (listed->contains(medicapp_id)) return;
            if (const auto link = store.links_to({medicapp_id}).front()) found.note(*link);
        });
        return found;
    };
    const auto missing = co_await context.env.database.run(std::move(job));
    co_await end_returns(context, *listed);
    context.heed({.alarm = guard_missing(rules, missing.changes, missing.linked)});
    for (const auto& link : missing.links) {
        if (!context.going()) break;
        const auto reply = co_await context.env.medicapp.get(link.medicapp_id);
        if (reply) continue;
        if (reply.error().failure == Failure::not_found)
            erased.push_back(link);
        else
            context.heed({.refused = RefusedPatient(link, reply.error())});
    }
    co_return erased;
}

} // namespace medibridge::sync
