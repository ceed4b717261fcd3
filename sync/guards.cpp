#include "sync/guards.hpp"

#include "log/catalogue.hpp"

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
                       " shows no record at all, but patients came from it: mend the source, or "
                       "take it out of the configuration"});
}

} // namespace medibridge::sync
