#include "sync/core/guards.hpp"
#include "sync/core/rewound.hpp"
#include "sync/shell/cycle.hpp"
#include "sync/shell/settling.hpp"

#include <string>
#include <utility>
#include <vector>

/// Where a cycle asks the guards.
namespace medibridge::sync {

using runtime::Task;

/// If changed mappings are accepted, or for a dry run, the cycle reads everything.
Task<void> Cycle::check_mappings() {
    MappingChanges changes;
    for (const auto* source : sources_) {
        auto job = [key = mapping_key(source->name())](state::Store& store) {
            return store.meta(key);
        };
        const auto before = co_await context_->env.database.run(std::move(job));
        if (changes.note(context_->rules(), source->name(), before))
            context_->observations.note_remapped(source->name());
    }
    auto effects = changes.effects(context_->rules());
    auto& accepted = context_->request.accept_mapping;
    if (accepted.covers(changes.evidence())) accepted.add(changes.evidence());
    mapping_alarm_ = std::exchange(effects.notice.alarm, std::nullopt);
    co_await context_->apply(std::move(effects));
    if (changes.any()) context_->read_everything();
    const auto& before = context_->memory.surveyed_mapping;
    // Who asks for a cycle is shown what there is now.
    const bool known = mapping_alarm_ && before && before->reason == mapping_alarm_->reason;
    if (known && context_->request.patience) {
        const auto surveyed = *before;
        for (const auto& other : surveyed.others)
            context_->heed({.alarm = other});
        sound_mapping_alarm(surveyed.changes, surveyed.linked);
    }
}

void Cycle::sound_mapping_alarm(const Changes& changes, std::int64_t linked) {
    if (!mapping_alarm_) return;
    auto alarm = *std::exchange(mapping_alarm_, std::nullopt);
    alarm.changes = changes;
    alarm.linked = linked;
    // What is still being read shows more in the next cycle.
    if (!awaits_source_)
        context_->memory.surveyed_mapping = {alarm.reason, changes, linked,
                                             context_->status.alarms()};
    context_->heed({.alarm = std::move(alarm)});
}

Task<Changes> Cycle::all_missing(std::string source) {
    auto job = [source = std::move(source)](state::Store& store) {
        Changes missing;
        std::int64_t more = 0;
        store.each_link([&](const state::Link& link) {
            if (!source.empty() && link.source != source) return;
            if (missing.examples().size() < Changes::most_examples)
                missing.note(Change::missing(link.external_id));
            else
                ++more;
        });
        missing.note_more(Change::Kind::missing, more);
        return missing;
    };
    co_return co_await context_->env.database.run(std::move(job));
}

/// `suspicious`: the source may have gone back in time.
Task<void> Cycle::guard_against_source(const Asked& asked, const Delta& delta, bool suspicious) {
    const auto& name = asked.source->name();
    const auto& result = delta.pass.result();
    // Whether anybody came from it is asked only then: that may read all links.
    const bool shows_nobody = asked.plan.scope.is_whole() && result.pages == 0;
    if (shows_nobody && delta.pass.state() == SourcePass::State::ended) {
        auto job = [name](state::Store& store) {
            return std::pair(store.has_links_from(name), store.counts().links);
        };
        const auto [any_linked, linked] = co_await context_->env.database.run(std::move(job));
        auto alarm = guard_empty_source(name, result, any_linked);
        if (alarm) alarm->changes = co_await all_missing(name);
        if (alarm) alarm->linked = linked;
        context_->heed({.alarm = std::move(alarm)});
    }
    // In a source that senders push to, records may simply arrive late.
    const bool may_be_rewound = suspicious && !asked.source->keeps_cursor() && context_->going();
    if (may_be_rewound) {
        auto alarm = guard_rewound_source(context_->request.accept_rewind, name, delta.surveyed);
        if (alarm) {
            auto job = [](state::Store& store) { return store.counts().links; };
            alarm->linked = co_await context_->env.database.run(std::move(job));
        }
        context_->judge(std::move(alarm), &Request::accept_rewind);
    }
}

ChangeCounter Cycle::changes_with_merges(const std::vector<Delta>& deltas) const {
    auto changes = context_->changes;
    for (const auto& delta : deltas)
        writer_.count_merges(delta, changes);
    return changes;
}

/// Everything that would happen to linked patients is judged together. A source that was not read
/// completely may have a record in use of somebody whom another says to be merged: if merges are
/// among what is too much, it is asked, once for the same merges.
Task<void> Cycle::guard_against_changes(const std::vector<Delta>& deltas) {
    auto job = [](state::Store& store) { return store.counts().links; };
    const auto linked = co_await context_->env.database.run(std::move(job));
    co_await count_medicapp_changes(*context_);
    for (const auto& delta : deltas) {
        writer_.take_witness(delta.pass);
        co_await writer_.expect_survivors(delta);
    }
    auto changes = changes_with_merges(deltas);
    if (mapping_alarm_) {
        sound_mapping_alarm(changes.changes(), linked);
        co_return;
    }
    const auto& rules = context_->rules();
    auto alarm = guard_changes(rules, changes.changes(), linked);
    const auto fingerprint = changes.changes().fingerprint();
    if (alarm && context_->memory.looked_at_claims != fingerprint) {
        bool seen = true;
        for (const auto& delta : deltas) {
            const bool all_seen = co_await writer_.look_at_merges(delta);
            seen = seen && all_seen;
        }
        changes = changes_with_merges(deltas);
        alarm = guard_changes(rules, changes.changes(), linked);
        if (seen) context_->memory.looked_at_claims = changes.changes().fingerprint();
    }
    auto& burst = context_->memory.burst;
    if (alarm) {
        burst.exceed();
    } else {
        context_->memory.left_unjudged = base::IdSet();
        if (is_implausible(rules, changes.changes(), linked)) {
            burst.forget();
        } else {
            burst.note(changes);
            burst.end();
        }
    }
    context_->heed({.alarm = std::move(alarm)});
    context_->late.begin(rules, std::move(changes), linked);
}

} // namespace medibridge::sync
