#include "sync/shell/resolving.hpp"

#include "sync/shell/recording.hpp"

#include <iterator>
#include <map>
#include <utility>

namespace medibridge::sync {

using reconcile::HoldReason;
using runtime::Task;

namespace {

/// Feeds the items' records to the pipeline again; what is known of them is looked up anew.
Task<void> feed_again(Pipeline& pipeline, std::vector<Item> items) {
    std::map<std::string, std::vector<reconcile::Assessed>> by_source;
    for (auto& item : items)
        by_source[item.source].push_back(std::move(item.record));
    for (auto& [source, records] : by_source) {
        co_await pipeline.feed(source, std::move(records));
    }
    co_await pipeline.finish();
}

/// Takes those out of `items` of whom the index now knows a Medicapp patient.
Task<std::vector<Item>> take_found(Context& context, std::vector<Item>& items) {
    std::vector<std::string> ids;
    for (const auto& item : items)
        ids.push_back(item.external_id());
    const auto known = co_await context.env.database.look_up(std::move(ids));
    std::vector<Item> found;
    std::vector<Item> missing;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const bool is_found = known[i].link || known[i].unlinked;
        (is_found ? found : missing).push_back(std::move(items[i]));
    }
    items = std::move(missing);
    co_return found;
}

/// Medicapp says that the externalId is taken, and its whole list shows nobody who has it.
Task<void> give_up(Context& context, const Observations& observations, std::vector<Item> items) {
    state::Batch batch;
    for (auto& item : items) {
        if (!observations.old_intents.contains(item.external_id())) {
            context.report.deferred += 1;
            context.leave_for_later("Medicapp says an externalId is taken, but nobody has it");
            continue;
        }
        batch.drop_intent(item.external_id());
        item.decision = Decision::hold_for(HoldReason::conflict_unresolved, "externalId");
        record_item_hold(context, item, batch);
    }
    co_await context.env.database.commit(std::move(batch));
}

void put_off(Context& context, Unresolved& unresolved) {
    // Looked for, sent again, and answered with an error again.
    std::erase_if(unresolved.uncertain, [&](const Item& item) {
        if (!item.failure || !concerns_one_patient(*item.failure)) return false;
        context.fail_one(refused_patient(context, item, *item.failure, {}));
        return true;
    });
    if (unresolved.size() == 0) return;
    context.report.deferred += static_cast<std::int64_t>(unresolved.size());
    context.leave_for_later("Medicapp: the outcome of a create is not known");
    unresolved = Unresolved();
}

void append(std::vector<Item>& items, std::vector<Item> more) {
    items.insert(items.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

} // namespace

Task<void> resolve(Context& context, Observations& observations, Pipeline& pipeline,
                   Unresolved& unresolved, std::optional<reconcile::Instant> since,
                   reconcile::Precision precision) {
    if (unresolved.size() == 0 || !context.going()) co_return;
    co_await read_medicapp(context, observations, since, precision, false);
    if (!context.going()) co_return;

    auto taken = std::exchange(unresolved.taken, std::vector<Item>());
    auto uncertain = std::exchange(unresolved.uncertain, std::vector<Item>());
    auto found = co_await take_found(context, taken);
    // Those not found were not executed, or are not listed yet: then 409 says so.
    append(found, std::move(uncertain));
    co_await feed_again(pipeline, std::move(found));

    append(taken, std::exchange(unresolved.taken, std::vector<Item>()));
    if (!taken.empty() && context.going()) {
        if (since) {
            co_await read_medicapp(context, observations, std::nullopt, precision, false);
            auto found_now = co_await take_found(context, taken);
            co_await feed_again(pipeline, std::move(found_now));
        }
        if (context.going()) co_await give_up(context, observations, std::move(taken));
    }
    put_off(context, unresolved);
}

} // namespace medibridge::sync
