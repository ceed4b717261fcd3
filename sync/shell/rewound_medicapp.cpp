#include "sync/shell/rewound_medicapp.hpp"

#include "base/runtime/concurrency.hpp"
#include "sync/core/medicapp_page.hpp"
#include "sync/core/rewound.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

namespace medibridge::sync {

using connectors::Failure;
using runtime::Task;

namespace {

/// Those of whom the answers may prove it: so many of them, the first ones, were modified last.
struct Sampled {
    std::vector<state::Link> links;
    std::size_t modified_last = 0;
};

Task<Sampled> choose_samples(Context& context, bool suspicious) {
    Sampled sampled;
    if (suspicious) {
        auto job = [](state::Store& store) {
            return store.links_modified_last(limits::rewind_samples);
        };
        sampled.links = co_await context.env.database.run(std::move(job));
    }
    sampled.modified_last = sampled.links.size();
    std::vector<std::string> ids;
    for (const auto& [external_id, patient] : context.observations.stale()) {
        if (ids.size() >= limits::rewind_samples) break;
        ids.push_back(patient.medicapp_id);
    }
    for (auto& link : co_await context.env.database.links_to(std::move(ids))) {
        const bool there =
            !link || std::ranges::find(sampled.links, link->medicapp_id,
                                       &state::Link::medicapp_id) != sampled.links.end();
        if (!there) sampled.links.push_back(*std::move(link));
    }
    co_return sampled;
}

reconcile::FieldSet changed_fields(const Context& context, const state::Link& link,
                                   const connectors::MedicappPatient& now) {
    const auto view =
        medicapp_view(now, link.external_id, context.env.digester, context.env.settings.identity);
    return differing(view.fields, link.baselines.medicapp.fields);
}

/// Reads Medicapp's list completely, only to see who is older there. The ids of all; nothing: it
/// could not be proven to be complete.
Task<std::optional<base::IdSet>> list_stale(Context& context) {
    connectors::ListQuery query;
    MedicappPass pass{std::string()};
    for (query.page = 1;; ++query.page) {
        if (!context.going()) co_return std::nullopt;
        const auto page = co_await context.env.medicapp.list(query);
        if (!page) co_return std::nullopt;
        pass.note(*page, query);
        std::vector<std::string> ids;
        for (const auto& patient : page->patients)
            ids.push_back(patient.id);
        const auto links = co_await context.env.database.links_to(std::move(ids));
        find_stale(context.rules(), context.observations, *page, links);
        if (page->patients.empty() || query.page >= page->total_pages) break;
        query.link = page->next;
    }
    if (!pass.proven()) co_return std::nullopt;
    co_return std::move(pass.ids);
}

/// A linked patient as they are there now: a list may lag, and shows no address.
struct Looked {
    StalePatient patient;
    bool is_there = true;
    bool is_older = true;
};

/// False: Medicapp cannot be asked now, and what its list showed is what is known.
Task<bool> look_at(Context& context, Looked& one) {
    const auto now = co_await context.env.medicapp.get(one.patient.medicapp_id);
    if (!now) {
        one.is_there = now.error().failure != Failure::not_found;
        co_return !one.is_there || concerns_one_patient(now.error());
    }
    auto job = [id = one.patient.external_id](state::Store& store) {
        return store.look_up({id}).front();
    };
    const auto known = co_await context.env.database.run(std::move(job));
    one.is_older = known.link && is_older(*known.link, now->modified_at);
    if (!one.is_older) co_return true;
    one.patient.shown_at = now->modified_at;
    one.patient.changed = changed_fields(context, *known.link, *now);
    co_return true;
}

/// Whom the list shows older. The first limits::rewound_readings are read one by one.
Task<void> find_older(Context& context, RewoundPatients& who) {
    std::vector<Looked> older;
    for (const auto& [external_id, patient] : context.observations.stale())
        older.push_back({patient});
    bool answers = true;
    std::function<Task<void>(std::size_t)> look = [&](std::size_t i) -> Task<void> {
        if (!answers || !context.going()) co_return;
        const bool answered = co_await look_at(context, older[i]);
        answers = answers && answered;
    };
    co_await runtime::for_each_concurrently(std::min(older.size(), limits::rewound_readings),
                                            context.env.settings.concurrency, std::move(look));
    for (const auto& one : older) {
        if (!one.is_there)
            who.note_missing(one.patient.external_id, one.patient.known_at);
        else if (one.is_older)
            who.note_older(one.patient);
    }
    who.note_more_older(context.observations.more_stale());
}

Task<void> find_missing(Context& context, const base::IdSet& listed, RewoundPatients& who) {
    auto job = [&listed, &who](state::Store& store) {
        store.each_link([&](const state::Link& link) {
            if (!listed.contains(link.medicapp_id))
                who.note_missing(link.external_id, link.baselines.medicapp.modified_at);
        });
    };
    co_await context.env.database.run(std::move(job));
}

/// Everybody who went back, as `proof` does of a few; nothing: the list cannot be read to its end.
Task<std::optional<Alarm>> about_everybody(Context& context, RewoundPatients who, Alarm proof) {
    std::optional<base::IdSet> listed;
    if (!context.observations.all()) {
        listed = co_await list_stale(context);
        if (!listed) co_return std::nullopt;
    }
    co_await find_older(context, who);
    co_await find_missing(context, listed ? *listed : *context.observations.all(), who);
    co_return who.alarm(std::move(proof));
}

/// The proof with all that can be said of it.
Task<Alarm> complete(Context& context, const RewoundPatients& who, Alarm proof) {
    auto count = [](state::Store& store) { return store.counts().links; };
    proof.linked = co_await context.env.database.run(std::move(count));
    auto& surveyed = context.memory.surveyed_rewind;
    // Who asks for a cycle is shown what there is now.
    const bool known = surveyed && context.request.patience &&
                       Consent::to(surveyed->evidence).covers(proof.evidence);
    if (!known) surveyed = co_await about_everybody(context, who, proof);
    co_return surveyed ? *surveyed : std::move(proof);
}

} // namespace

Task<void> guard_against_rewound_medicapp(Context& context, bool suspicious) {
    if (!context.going()) co_return;
    const auto sampled = co_await choose_samples(context, suspicious);
    RewindSamples samples(context.request.accept_rewind, sampled.modified_last,
                          sampled.links.size());
    const auto& stale = context.observations.stale();
    for (const auto& link : sampled.links) {
        const auto now = co_await context.env.medicapp.get(link.medicapp_id);
        if (now) {
            samples.note(link, *now, changed_fields(context, link, *now));
        } else if (now.error().failure == Failure::not_found) {
            samples.note(link, std::nullopt);
        } else if (!concerns_one_patient(now.error())) {
            context.heed({.halt = now.error()});
            co_return;
        } else if (stale.contains(link.external_id)) {
            // Nobody is written to because they cannot be read: what the list shows counts.
            const auto& listed = stale.at(link.external_id);
            connectors::MedicappPatient as_listed;
            as_listed.modified_at = listed.shown_at;
            samples.note(link, as_listed, listed.changed);
        }
    }
    auto alarm = samples.alarm();
    if (alarm) alarm = co_await complete(context, samples.who(), *std::move(alarm));
    context.observations.forget_stale();
    context.judge(std::move(alarm), &Request::accept_rewind);
}

} // namespace medibridge::sync
