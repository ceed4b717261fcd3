#include "sync/shell/medicapp_reading.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/concurrency.hpp"
#include "sync/core/medicapp_page.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/unanswered_creates.hpp"

#include <algorithm>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPage;
using runtime::Task;

namespace {

Task<void> note_page(Context& context, Observations& observations, const MedicappPage& page,
                     bool compare_all) {
    std::vector<std::string> ids;
    std::vector<std::string> external_ids;
    for (const auto& patient : page.patients) {
        ids.push_back(patient.id);
        external_ids.push_back(patient.patient.external_id());
    }
    const auto links = co_await context.env.database.links_to(std::move(ids));
    const auto known = co_await context.env.database.look_up(std::move(external_ids));

    auto found = find_in_page(context.rules(), observations, page, links, known, compare_all);
    if (!found.renamed.empty()) {
        std::vector<std::string> former;
        for (const auto& patient : found.renamed)
            former.push_back(patient.link.external_id);
        const auto known_before = co_await context.env.database.look_up(std::move(former));
        found.effects.append(hold_renamed(context.rules(), found.renamed, known_before));
    }
    co_await context.apply(std::move(found.effects));

    std::function<Task<void>(std::size_t)> read_detail = [&](std::size_t i) -> Task<void> {
        if (!context.going()) co_return;
        co_await observe(context, observations, found.to_observe[i]);
    };
    co_await runtime::for_each_concurrently(
        found.to_observe.size(), context.env.settings.concurrency, std::move(read_detail));
    co_await link_created(context, std::move(found.unanswered));
}

/// One pass over the list.
struct Pass {
    bool ended = false;
    bool proven = false;
    std::string contradiction; ///< which of the list's own numbers disagree; empty: none
    reconcile::ReadResult result;
    base::IdSet ids;
};

Task<Pass> read_pass(Context& context, Observations& observations, connectors::ListQuery query,
                     bool compare_all, std::string anchor) {
    Pass pass;
    pass.result.anchor = std::move(anchor);
    std::int64_t total = 0;
    std::int64_t nameless = 0;
    bool stable = true;
    for (query.page = 1;; ++query.page) {
        if (!context.going()) co_return pass;
        auto reply = co_await context.env.medicapp.list(query);
        if (!reply) {
            context.halt(reply.error());
            co_return pass;
        }
        const auto& page = *reply;
        if (query.page == 1) {
            total = page.total;
            pass.result.started_at = page.server_time;
        }
        if (!page.patients.empty()) ++pass.result.pages;
        stable = stable && page.total == total;
        nameless += page.nameless;
        if (pass.contradiction.empty()) pass.contradiction = contradiction(page, query);
        for (const auto& patient : page.patients) {
            stable = pass.ids.insert(patient.id) && stable;
            pass.result.note(patient.id, patient.modified_at, page.server_time);
            observations.note_listed(patient);
        }
        pass.result.precision = std::max(pass.result.precision, page.precision);
        co_await note_page(context, observations, page, compare_all);
        if (page.patients.empty() || query.page >= page.total_pages) break;
    }
    pass.ended = context.going();
    pass.proven = stable && pass.contradiction.empty() &&
                  static_cast<std::int64_t>(pass.ids.size()) + nameless == total;
    co_return pass;
}

} // namespace

Task<bool> observe(Context& context, Observations& observations, state::Link link) {
    auto reply = co_await context.env.medicapp.get(link.medicapp_id);
    if (!reply) {
        if (reply.error().failure == Failure::not_found) co_return false;
        context.fail_one(RefusedPatient(link, reply.error()));
        // What the list alone shows of a change must not pass for all of it.
        observations.settle_change(link.external_id);
        co_return true;
    }
    const auto& env = context.env;
    observations.note_change(link.external_id, medicapp_view(*reply, link.external_id, env.digester,
                                                             env.settings.identity));
    co_return true;
}

Task<MedicappRead> read_medicapp(Context& context, Observations& observations,
                                 std::optional<reconcile::Instant> since,
                                 reconcile::Precision precision, bool compare_all,
                                 std::string anchor) {
    connectors::ListQuery query;
    query.modified_after = since;
    query.precision = precision;
    std::string contradicted;
    for (int attempt = 1; attempt <= limits::reading_passes; ++attempt) {
        auto pass = co_await read_pass(context, observations, query, compare_all, anchor);
        if (!pass.ended) co_return std::nullopt;
        if (pass.proven) {
            if (!since) observations.note_all(std::move(pass.ids));
            if (observations.is_full()) {
                context.leave_for_later("more patients changed in Medicapp than one cycle takes");
                co_return std::nullopt;
            }
            co_return pass.result;
        }
        auto event =
            context.event(log::events::medicapp_unstable_list).with(log::Key::attempt, attempt);
        if (!pass.contradiction.empty()) event.add(log::Key::reason, pass.contradiction);
        context.write(event);
        contradicted = std::move(pass.contradiction);
    }
    context.leave_for_later(contradicted.empty()
                                ? "Medicapp's list moved each time it was read"
                                : "Medicapp's list contradicts itself: " + contradicted);
    co_return std::nullopt;
}

} // namespace medibridge::sync
