#include "sync/shell/inspection.hpp"

#include "base/runtime/concurrency.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <functional>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPatient;
using reconcile::Assessed;
using runtime::Task;

namespace {

/// Unlinked Medicapp patients without externalId that share a matching key with the record.
Task<std::vector<std::string>> find_look_alikes(Context& context, const Item& item) {
    auto keys = matching_digests(context.rules(), item.record);
    auto job = [keys = std::move(keys)](state::Store& store) {
        std::vector<std::string> ids;
        for (auto& unlinked : store.matching(keys))
            ids.push_back(std::move(unlinked.medicapp_id));
        return ids;
    };
    co_return co_await context.env.database.run(std::move(job));
}

/// The Medicapp patient into whom this one was merged; empty: none is linked.
Task<std::string> find_survivor_of(Context& context, const Item& item) {
    constexpr int longest_chain = 8;
    auto id = item.known.redirect;
    for (int i = 0; i < longest_chain && !id.empty(); ++i) {
        const auto known = co_await context.env.database.look_up({id});
        if (known.front().link) co_return known.front().link->medicapp_id;
        id = known.front().redirect;
    }
    co_return std::string();
}

Task<Effects> inspect_item(Context& context, Item& item) {
    Effects effects;
    std::vector<MedicappPatient> details;
    for (const auto& id : ids_to_read(item)) {
        if (!context.going()) {
            item.decision = Decision(Decision::Kind::untouched);
            effects.counts.deferred = 1;
            co_return effects;
        }
        auto reply = co_await context.env.medicapp.get(id);
        if (reply) {
            details.push_back(std::move(*reply));
        } else if (reply.error().failure != Failure::not_found) {
            effects.notice.refused = refused_patient(context.rules(), item, reply.error(), id);
            context.heed(effects);
            item.decision = Decision(Decision::Kind::untouched);
            co_return effects;
        }
    }
    judge_with_details(context.rules(), item, std::move(details));
    co_return effects;
}

} // namespace

Task<std::vector<Item>> decide_items(Context& context, const Coverage& coverage, std::string source,
                                     std::vector<Assessed> records) {
    const auto& rules = context.rules();
    const auto& observations = context.observations;
    std::vector<std::string> keys;
    keys.reserve(records.size());
    for (const auto& record : records)
        keys.push_back(state_key(record, rules.digester));
    auto known = co_await context.env.database.look_up(std::move(keys));

    std::vector<Item> items;
    items.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& item =
            items.emplace_back(item_of(rules, source, std::move(records[i]), std::move(known[i])));
        const auto* change = observations.change_of(item.external_id());
        if (change) item.seen = *change;
        const auto occasion = occasion_of(observations, coverage, item);
        judge_item(rules, item, occasion, coverage);
        // A cycle that reads all sources is called for, once by each record.
        if (item.calls_for_all)
            context.heed({.reread = context.memory.note_asked(
                              item.source, record_digest(item.record, rules.digester))});
        if (needs_survivor(item)) {
            auto survivor = co_await find_survivor_of(context, item);
            if (!survivor.empty()) inspect_survivor(item, std::move(survivor));
        }
        if (item.decision.kind == Decision::Kind::create && observations.look_alikes_possible()) {
            const auto look_alikes = co_await find_look_alikes(context, item);
            if (!look_alikes.empty()) judge_item(rules, item, occasion, look_alikes);
        }
    }
    co_return items;
}

Task<Effects> inspect_items(Context& context, std::vector<Item>& items) {
    std::vector<std::size_t> to_inspect;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!ids_to_read(items[i]).empty()) to_inspect.push_back(i);
    }
    Effects all;
    std::function<Task<void>(std::size_t)> inspect = [&](std::size_t i) -> Task<void> {
        all.append(co_await inspect_item(context, items[to_inspect[i]]));
    };
    co_await runtime::for_each_concurrently(to_inspect.size(), context.env.settings.concurrency,
                                            std::move(inspect));
    co_return all;
}

} // namespace medibridge::sync
