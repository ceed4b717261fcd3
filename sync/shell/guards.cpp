#include "sync/shell/guards.hpp"

#include "base/log/catalogue.hpp"

#include <utility>

namespace medibridge::sync {

using runtime::Task;

void guard_changes(Context& context, const std::string& what) {
    context.guard({log::events::guard_changes, {}, {}, "max_changes: " + what});
}

Task<void> guard_against_empty_medicapp(Context& context, reconcile::ReadResult read) {
    if (read.pages > 0) co_return;
    auto job = [](state::Store& store) { return store.counts().links; };
    const auto links = co_await context.env.database.run(std::move(job));
    if (links == 0) co_return;
    context.guard({log::events::guard_emptied,
                   {},
                   {},
                   "Medicapp shows no patient at all, but " + std::to_string(links) +
                       " are linked: check medicapp.base_url and the key's space; if this space "
                       "is to start empty, move the state away"});
}

Task<void> guard_against_empty_source(Context& context, const SourcePass& pass) {
    if (pass.state() != SourcePass::State::ended || pass.result().pages > 0) co_return;
    const auto& name = pass.source().name();
    auto job = [name](state::Store& store) { return store.has_links_from(name); };
    const bool linked = co_await context.env.database.run(std::move(job));
    if (!linked) co_return;
    context.guard({log::events::guard_emptied,
                   name,
                   {},
                   "source " + name +
                       " shows no record at all, but patients came from it: fix the source, or "
                       "remove it from the configuration"});
}

bool looks_rewound(const reconcile::ReadMark& before, const reconcile::ReadResult& read) {
    return lost_anchor(before, read) || clock_was_set_back(before, read);
}

namespace {

/// Servers cut times to seconds here and not there.
constexpr std::chrono::seconds time_grain{1};
/// So many newest patients do not all get erased by chance.
constexpr std::size_t implausibly_missing = 3;

constexpr const char* way_out_of_rewind =
    "; if it was restored from a backup, preview the effect with "
    "--once --dry-run --accept-rewind, then run --once --accept-rewind";

std::string older(std::size_t count) {
    return count == 1
               ? "a linked patient is older there than when last seen"
               : std::to_string(count) + " linked patients are older there than when last seen";
}

} // namespace

Task<void> guard_against_rewound_medicapp(Context& context, std::vector<state::Link> stale,
                                          bool suspicious) {
    if (context.request.accept_rewind || !context.going()) co_return;
    std::vector<state::Link> newest;
    if (suspicious) {
        auto job = [](state::Store& store) {
            return store.links_modified_last(limits::rewind_samples);
        };
        newest = co_await context.env.database.run(std::move(job));
    }
    auto links = newest;
    links.insert(links.end(), stale.begin(), stale.end());
    std::size_t missing = 0;
    std::size_t rewound = 0;
    for (const auto& link : links) {
        const auto now = co_await context.env.medicapp.get(link.medicapp_id);
        if (!now && now.error().failure != connectors::Failure::not_found) {
            if (concerns_one_patient(now.error())) continue;
            context.halt(now.error());
            co_return;
        }
        const auto& known_at = link.baselines.medicapp.modified_at;
        if (!now) {
            ++missing;
        } else if (known_at && now->modified_at && *now->modified_at + time_grain < *known_at) {
            ++rewound;
        }
    }
    const bool all_missing = newest.size() >= implausibly_missing && missing == links.size();
    if (rewound == 0 && !all_missing) co_return;
    const auto seen = rewound > 0 ? older(rewound)
                                  : "none of the " + std::to_string(missing) +
                                        " linked patients that were modified last exists there";
    context.guard({log::events::guard_rewound,
                   {},
                   {},
                   "Medicapp has gone back in time: " + seen + way_out_of_rewind});
}

void guard_against_rewound_source(Context& context, const Delta& delta, bool suspicious) {
    if (context.request.accept_rewind || !context.going() || delta.stale.empty()) return;
    if (!suspicious) return;
    if (delta.pass.source().keeps_cursor()) return; // what arrives late says nothing of the source
    const auto& name = delta.pass.source().name();
    context.guard({log::events::guard_rewound,
                   name,
                   {},
                   "source " + name + " has gone back in time: " + older(delta.stale.size()) +
                       way_out_of_rewind});
}

} // namespace medibridge::sync
