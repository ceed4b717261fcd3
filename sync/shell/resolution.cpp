#include "sync/shell/resolution.hpp"

#include "sync/core/recording.hpp"

#include <iterator>
#include <map>
#include <utility>

namespace medibridge::sync {

using reconcile::HoldReason;
using runtime::Task;

namespace {

/// Feeds the items' records to the pipeline again; what is known of them is looked up anew.
Task<void> feed_again(Pipeline& pipeline, std::vector<Item> items, const Coverage& coverage) {
    std::map<std::string, std::vector<reconcile::Assessed>> by_source;
    for (auto& item : items)
        by_source[item.source].push_back(std::move(item.record));
    for (auto& [source, records] : by_source) {
        co_await pipeline.feed(source, std::move(records), coverage);
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
    const auto held = Decision::hold_for(HoldReason::conflict_unresolved, "externalId");
    Effects effects;
    for (const auto& item : items) {
        if (!observations.has_old_intent(item.external_id())) {
            effects.counts.deferred += 1;
            effects.notice.left = "Medicapp says an externalId is taken, but nobody has it";
            continue;
        }
        effects.changes.drop_intent(item.external_id());
        effects.append(hold_item(context.rules(), item, held));
    }
    co_await context.apply(std::move(effects));
}

/// Those of whom nothing more can be found out in this cycle.
Task<void> put_off(Context& context, UnclearCreates& unclear) {
    for (auto& patient : unclear.remove_refused(context.rules()))
        context.fail_one(std::move(patient));
    co_await context.apply(unclear.remove_all());
}

void append(std::vector<Item>& items, std::vector<Item> more) {
    items.insert(items.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

} // namespace

Task<void> resolve(Context& context, Observations& observations, Pipeline& pipeline,
                   UnclearCreates& unclear, std::optional<reconcile::Instant> since,
                   reconcile::Precision precision, const Coverage& coverage) {
    if (unclear.size() == 0 || !context.going()) co_return;
    co_await read_medicapp(context, observations, since, precision, false);
    if (!context.going()) co_return;

    auto taken = unclear.remove_taken();
    auto uncertain = unclear.remove_uncertain();
    auto found = co_await take_found(context, taken);
    // Those not found were not executed, or are not listed yet: then 409 says so.
    append(found, std::move(uncertain));
    co_await feed_again(pipeline, std::move(found), coverage);

    append(taken, unclear.remove_taken());
    if (!taken.empty() && context.going()) {
        if (since) {
            co_await read_medicapp(context, observations, std::nullopt, precision, false);
            auto found_now = co_await take_found(context, taken);
            co_await feed_again(pipeline, std::move(found_now), coverage);
        }
        if (context.going()) co_await give_up(context, observations, std::move(taken));
    }
    co_await put_off(context, unclear);
}

} // namespace medibridge::sync
