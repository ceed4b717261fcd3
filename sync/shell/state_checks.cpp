#include "sync/shell/state_checks.hpp"

#include "sync/core/altered.hpp"
#include "sync/core/space.hpp"

#include <set>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using runtime::Task;

namespace {

/// Some that were modified last, or any where nothing is known of that.
std::vector<state::Link> some_links(state::Store& store) {
    auto links = store.links_modified_last(limits::space_samples);
    if (!links.empty()) return links;
    store.each_link([&](const state::Link& link) {
        if (links.size() < limits::space_samples) links.push_back(link);
    });
    return links;
}

} // namespace

Task<void> check_space(Context& context) {
    auto recall = [](state::Store& store) {
        return std::pair(store.meta(space_key), store.counts().links);
    };
    const auto [kept, linked] = co_await context.env.database.run(std::move(recall));
    SpaceCheck check(context.rules(), kept, linked);
    if (check.is_accepted()) context.request.accept_space.add(check.evidence());
    if (check.needs_look()) {
        for (const auto& link : co_await context.env.database.run(&some_links)) {
            const auto now = co_await context.env.medicapp.get(link.medicapp_id);
            if (now) {
                check.note(link, *now);
            } else if (now.error().failure == Failure::not_found) {
                check.note(link, std::nullopt);
            } else if (!concerns_one_patient(now.error())) {
                context.heed({.halt = now.error()});
                co_return;
            }
        }
    }
    co_await context.apply(check.effects());
}

Task<void> set_altered_aside(Context& context) {
    if (context.memory.checked_rows && !context.request.full) co_return;
    auto look = [full = context.request.full](state::Store& store) {
        const bool known = !full && store.rows_are_sound();
        return known ? state::AlteredRows() : store.find_altered(limits::altered_rows);
    };
    const auto found = co_await context.env.database.run(std::move(look));
    context.memory.checked_rows = true;
    if (found.count == 0) co_return;
    if (found.count > static_cast<std::int64_t>(limits::altered_rows))
        throw state::StoreError(state::StoreError::Kind::damaged,
                                std::to_string(found.count) +
                                    " rows of the state are not as medibridge wrote them: restore "
                                    "a backup of the state, or move it away and let a full run "
                                    "rebuild it");
    std::set<std::string> whom;
    for (const auto& row : found.rows)
        if (!row.key.empty()) whom.insert(row.key);
    const std::vector<std::string> keys(whom.begin(), whom.end());
    const auto known = co_await context.env.database.look_up(keys);
    co_await context.apply(set_altered_aside(context.rules(), found, keys, known));
}

Task<void> recall_unconfirmed_links(Context& context, bool read_whole) {
    auto recall = [](state::Store& store) {
        return store.meta(std::string(state::unconfirmed_links_key));
    };
    if ((co_await context.env.database.run(std::move(recall))).empty()) co_return;
    if (!read_whole) {
        context.observations.doubt_links();
        co_return;
    }
    Effects effects;
    effects.changes.put_meta(std::string(state::unconfirmed_links_key), {});
    co_await context.apply(std::move(effects));
}

} // namespace medibridge::sync
