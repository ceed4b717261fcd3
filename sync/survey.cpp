#include "sync/survey.hpp"

#include <iterator>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

namespace {

Task<std::int64_t> count_changes(Context& context, const Observations& observations,
                                 std::string source, std::vector<Assessed> records) {
    const auto items =
        co_await decide_items(context, observations, std::move(source), std::move(records));
    std::int64_t changes = 0;
    for (const auto& item : items) {
        if (item.known.link && item.decision.kind == Decision::Kind::update) ++changes;
    }
    co_return changes;
}

void take(std::vector<Assessed>& records, std::vector<Assessed> page) {
    records.insert(records.end(), std::make_move_iterator(page.begin()),
                   std::make_move_iterator(page.end()));
}

/// Reads the rest of a pass that is too large to be kept, for the count only.
Task<void> count_rest(Context& context, const Observations& observations, Delta& delta) {
    const auto name = delta.pass.source().name();
    delta.changes = co_await count_changes(context, observations, name, std::move(delta.records));
    delta.records = std::vector<Assessed>();
    while (context.going() && delta.pass.state() == SourcePass::State::reading) {
        auto page = co_await delta.pass.next(context.env.settings.identity);
        delta.changes += co_await count_changes(context, observations, name, std::move(page));
    }
    delta.read_again = true;
}

} // namespace

Task<Delta> survey(Context& context, const Observations& observations, connectors::Source& source,
                   std::optional<reconcile::Instant> since, bool anyone_linked) {
    Delta delta(SourcePass(source, since));
    while (context.going() && delta.pass.state() == SourcePass::State::reading &&
           delta.records.size() < limits::surveyed_records) {
        auto page = co_await delta.pass.next(context.env.settings.identity);
        take(delta.records, std::move(page));
    }
    delta.records = merge_duplicates(std::move(delta.records));
    if (!anyone_linked) co_return delta;
    if (delta.pass.state() == SourcePass::State::reading) {
        co_await count_rest(context, observations, delta);
        co_return delta;
    }
    auto copy = delta.records;
    delta.changes = co_await count_changes(context, observations, source.name(), std::move(copy));
    co_return delta;
}

} // namespace medibridge::sync
