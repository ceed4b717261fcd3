#include "sync/shell/drift.hpp"

#include "sync/core/drift.hpp"
#include "sync/shell/source_pass.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

namespace {

constexpr std::size_t lookup_size = 500;

std::vector<std::vector<std::string>> in_groups(const std::vector<std::string>& ids) {
    std::vector<std::vector<std::string>> groups;
    for (std::size_t begin = 0; begin < ids.size(); begin += lookup_size) {
        const auto end = std::min(ids.size(), begin + lookup_size);
        groups.emplace_back(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                            ids.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return groups;
}

/// Keeps what Medicapp shows for patients that the sources do not have any more.
Task<void> keep_unwanted(Context& context, Observations& observations) {
    const auto& wanted = observations.wanted();
    const std::vector<std::string> ids(wanted.begin(), wanted.end());
    for (auto& group : in_groups(ids)) {
        const auto known = co_await context.env.database.look_up(group);
        Effects effects;
        for (std::size_t i = 0; i < group.size(); ++i) {
            const auto* view = observations.change_of(group[i]);
            if (!view) continue;
            if (known[i].link) effects.append(accept(*known[i].link, *view));
            observations.settle_change(group[i]);
        }
        co_await context.apply(std::move(effects));
    }
    observations.forget_wanted();
}

/// Reads one source whole, and again if its list may have moved, until everybody who is wanted was
/// shown, or it is proven that the others are not in it. Whether either came true.
Task<bool> read_wanted_of(Context& context, Observations& observations, Pipeline& pipeline,
                          connectors::Source& source, const Coverage& coverage) {
    for (int attempt = 1; attempt <= limits::reading_passes; ++attempt) {
        if (!observations.wants_any_of(source.name())) co_return true;
        SourcePass pass(source, Scope::everything(), machine_clock(context.request));
        while (context.going() && pass.state() == SourcePass::State::reading) {
            auto records = co_await pass.next(context.env.settings.identity);
            std::erase_if(records, [&](const Assessed& record) {
                // Merges are judged with everything that the source and others show: see Claims.
                return !observations.wants(source.name(), record.patient.external_id()) ||
                       !record.merged_into.empty();
            });
            co_await pipeline.feed(source.name(), std::move(records), coverage);
        }
        co_await pipeline.finish();
        if (pass.state() == SourcePass::State::failed)
            context.leave_for_later("source " + source.name() + ": " + pass.error().what);
        if (pass.proven()) co_return true;
        if (!context.going() || pass.state() == SourcePass::State::failed) co_return false;
    }
    co_return !observations.wants_any_of(source.name());
}

} // namespace

Task<std::int64_t> count_reassertions(Context& context, const Observations& observations) {
    std::int64_t count = 0;
    for (auto& group : in_groups(observations.changed_ids())) {
        const auto known = co_await context.env.database.look_up(group);
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (!known[i].link || known[i].held) continue;
            const auto& view = *observations.change_of(group[i]);
            if (reasserts(context.rules(), *known[i].link, view)) ++count;
        }
    }
    co_return count;
}

Task<void> settle_drift(Context& context, Observations& observations) {
    for (auto& group : in_groups(observations.changed_ids())) {
        const auto known = co_await context.env.database.look_up(group);
        Effects effects;
        for (std::size_t i = 0; i < group.size(); ++i) {
            const auto& view = *observations.change_of(group[i]);
            const auto& link = known[i].link;
            const bool differs = link && reasserts(context.rules(), *link, view);
            if (differs && !known[i].held) {
                observations.want(group[i]);
                continue;
            }
            // Who is held waits for a change of the HIS's record, or for a full compare: Medicapp
            // would only refuse the same again in each cycle that sees the patient.
            if (link && !differs) effects.append(accept(*link, view));
            observations.settle_change(group[i]);
        }
        co_await context.apply(std::move(effects));
    }
}

Task<void> read_wanted(Context& context, Observations& observations, Pipeline& pipeline,
                       const std::vector<connectors::Source*>& sources, const Coverage& coverage) {
    bool all_read = true;
    for (auto* source : sources) {
        const bool read =
            co_await read_wanted_of(context, observations, pipeline, *source, coverage);
        all_read = all_read && read;
    }
    if (!context.going()) co_return;
    // The patients of sources that were left out on purpose wait for a cycle that reads them.
    const bool some_left_out = !context.request.only_source.empty();
    if (!all_read && !some_left_out) {
        context.leave_for_later("not every patient that is needed could be read from the sources");
        co_return;
    }
    observations.forget_wanted_of(); // who is left is in no source any more
    if (observations.wanted().empty() || some_left_out) co_return;
    co_await keep_unwanted(context, observations);
}

} // namespace medibridge::sync
