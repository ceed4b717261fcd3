#include "sync/core/guards.hpp"
#include "sync/core/recording.hpp"
#include "sync/shell/cycle.hpp"

#include <string>
#include <utility>

namespace medibridge::sync {

using runtime::Task;

/// The same way as in a whole cycle, without what only Medicapp's list and the other sources can
/// tell: whoever needs that waits for a whole cycle, which the service begins if one is called for.
///
/// What users of Medicapp did since its list was read is seen by a look at each patient before an
/// update, as where the links are in doubt; a create meets it as 409.
Task<void> Cycle::take_arrivals() {
    auto& memory = context_->memory;
    memory.takes_arrivals = false; // unless this one comes to its end
    if (memory.newest_write) context_->status.note_written(*memory.newest_write);
    context_->observations.doubt_links();
    if (memory.look_alikes_possible) context_->observations.note_look_alikes();
    auto deltas = co_await survey_sources();
    if (!context_->going() || !co_await judge_arrivals(deltas)) co_return;
    co_await keep_stated_pairs(*context_, deltas);
    for (std::size_t i = 0; i < deltas.size() && context_->going(); ++i) {
        auto& progress = his_[i].progress;
        const auto plan = plan_for(context_->rules(), progress, false);
        co_await writer_.write(std::move(deltas[i]), plan, coverage_, progress);
    }
    co_await pipeline_.finish();
    co_await context_->apply(pipeline_.unclear().remove_all());
    co_await end_arrivals();
}

/// Whether they may be written: they are few, and with what came a moment ago they change no
/// implausible share of the linked patients. Which guard stands is for a whole cycle to say.
Task<bool> Cycle::judge_arrivals(const std::vector<Delta>& deltas) {
    auto& memory = context_->memory;
    for (const auto& delta : deltas) {
        writer_.take_witness(delta.pass);
        co_await writer_.expect_survivors(delta);
        if (!delta.read_again && delta.pass.state() == SourcePass::State::ended) continue;
        context_->heed({.left = "more has arrived than is taken between two readings of Medicapp"});
        co_return false;
    }
    auto changes = changes_with_merges(deltas);
    if (guard_changes(context_->rules(), changes.changes(), memory.linked)) {
        memory.burst.exceed();
        context_->heed({.left = "what arrives would change many linked patients at once"});
        co_return false;
    }
    memory.burst.note(changes);
    context_->late.begin(context_->rules(), std::move(changes), memory.linked);
    co_return true;
}

/// Nothing but the cursors moves.
Task<void> Cycle::end_arrivals() {
    auto& memory = context_->memory;
    const auto& status = context_->status;
    memory.newest_write = status.newest_write();
    memory.linked += status.report().created + status.report().linked;
    // Who is contested is decided once all sources were heard: nothing of that is taken here.
    if (!status.refused().empty() || status.report().deferred > 0 || contested_.holds_any())
        context_->heed({.left = "some of what arrived needs a whole cycle, which follows"});
    if (!context_->going() || status.report().outcome != Outcome::complete) co_return;
    if (status.wants_reread()) {
        Effects effects;
        effects.changes.put_meta(reread_key, "1");
        co_await context_->apply(std::move(effects));
    }
    memory.keep_asked();
    for (const auto& [source, progress, plan] : his_) {
        if (progress.read) co_await source->taken(progress.cursor);
    }
    memory.takes_arrivals = true;
}

} // namespace medibridge::sync
