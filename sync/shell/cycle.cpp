#include "sync/shell/cycle.hpp"

#include "sync/core/drift.hpp"
#include "sync/core/guards.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/shell/acceptance.hpp"
#include "sync/shell/medicapp_reading.hpp"
#include "sync/shell/renaming.hpp"
#include "sync/shell/rewound_medicapp.hpp"
#include "sync/shell/settling.hpp"
#include "sync/shell/state_checks.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <functional>
#include <utility>

namespace medibridge::sync {

using runtime::Task;

Task<void> Cycle::run() {
    context_->memory.withdraw_asked(); // of a cycle that did not come to its end
    std::exception_ptr error;
    try {
        co_await (context_->request.only_arrivals ? take_arrivals() : tell_story());
        // It came to an end before everything was read.
        sound_mapping_alarm({}, 0);
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return;
    co_await pipeline_.abandon();
    std::rethrow_exception(error);
}

Task<void> Cycle::tell_story() {
    context_->memory.takes_arrivals = false;
    co_await check_space(*context_);
    if (!context_->going()) co_return;
    co_await set_altered_aside(*context_);
    co_await check_mappings();
    if (!context_->going()) co_return;
    co_await recall_unfinished_writes(*context_);
    co_await recall_newest_write();
    co_await recall_decisions();
    co_await read_medicapp_changes();
    if (context_->going())
        context_->memory.list_was_read_for_new =
            std::exchange(context_->memory.new_patient_waits, false);
    co_await recall_formers(*context_);
    auto erased = co_await find_erasures(*context_);
    if (!context_->going()) co_return;

    auto deltas = co_await survey_sources();
    if (context_->going()) co_await guard_against_changes(deltas);
    // What this cycle accepted as it found it is durable before it is acted upon.
    co_await keep_acceptance(*context_, false);
    if (!context_->going()) {
        co_await tell_answered(*context_, deltas);
        co_return;
    }

    co_await keep_stated_pairs(*context_, deltas);
    std::vector<std::string> gone;
    for (const auto& link : erased)
        gone.push_back(link.external_id);
    auto known_otherwise = gone;
    for (const auto& patient : context_->observations.renamed())
        known_otherwise.push_back(patient.link.external_id);
    for (auto& delta : deltas)
        delta.agreed.except(known_otherwise);
    const auto known = co_await context_->env.database.look_up(std::move(gone));
    co_await context_->apply(record_erasures(context_->rules(), context_->observations, known));
    co_await settle_renamed(*context_);
    co_await follow_formers(*context_, sources_);

    for (std::size_t i = 0; i < deltas.size() && context_->going(); ++i) {
        auto& progress = his_[i].progress;
        const auto plan = plan_for(context_->rules(), progress, false);
        co_await writer_.write(std::move(deltas[i]), plan, coverage_, progress);
    }
    co_await pipeline_.finish();
    if (context_->going()) co_await writer_.write_contested(coverage_);
    co_await settle(*context_, pipeline_, sources_, medicapp_, coverage_);
    co_await settle_refused(*context_);
    if (context_->going()) co_await end();
}

/// Our newest write must show in Medicapp's list, unless that lags, or less is there than was.
Task<void> Cycle::recall_newest_write() {
    auto job = [](state::Store& store) {
        return std::pair(store.meta(newest_write_key), store.meta(reread_key));
    };
    const auto [newest, reread] = co_await context_->env.database.run(std::move(job));
    reread_ = !reread.empty();
    coverage_.all_whole =
        (reread_ || context_->request.full) && context_->request.only_source.empty();
    auto written = newest_write_from(newest);
    const auto by_arrivals = std::exchange(context_->memory.newest_write, std::nullopt);
    if (by_arrivals && (!written || written->at < by_arrivals->at)) {
        written = by_arrivals;
        Effects effects;
        effects.changes.put_meta(newest_write_key, newest_write_text(written));
        co_await context_->apply(std::move(effects));
    }
    if (!written) co_return;
    context_->status.note_written(*written);
    context_->observations.expect(written->medicapp_id, *written->at);
}

/// What operators decided since the last cycle.
Task<void> Cycle::recall_decisions() {
    auto job = [](state::Store& store) { return store.decisions(); };
    auto decisions = co_await context_->env.database.run(std::move(job));
    if (decisions.empty()) co_return;
    std::vector<std::string> ids;
    for (const auto& decision : decisions)
        ids.push_back(decision.external_id);
    const auto known = co_await context_->env.database.look_up(std::move(ids));
    want_decided(context_->rules(), context_->observations, std::move(decisions), known);
}

Task<void> Cycle::read_medicapp_changes() {
    if (!context_->going()) co_return;
    const auto& rules = context_->rules();
    auto& observations = context_->observations;
    const auto kept = co_await context_->env.database.watermark("medicapp");
    medicapp_.before = trusted(rules, kept);
    medicapp_.shown = believed(rules, kept);
    auto count = [](state::Store& store) {
        return std::pair(store.counts(), store.meta(rereading_key));
    };
    auto [counts, rereading] = co_await context_->env.database.run(count);
    if (medicapp_.before.stamp) medicapp_.rereading = rereading_from(rereading);
    medicapp_.kept_rereading = std::move(rereading);
    auto since = scope_of(rules, medicapp_).from();
    context_->memory.look_alikes_possible = counts.unlinked > 0;
    if (counts.unlinked > 0) observations.note_look_alikes();
    const auto precision =
        medicapp_.before.stamp ? medicapp_.before.precision : reconcile::Precision::milliseconds;
    medicapp_.read = co_await read_medicapp(*context_, since, precision, context_->request.full,
                                            medicapp_.shown.anchor);
    const auto& again = medicapp_.rereading;
    const bool polls_behind = medicapp_.read && again && !context_->request.full;
    if (polls_behind && is_due(*again, medicapp_.before, *medicapp_.read, rules.settings.overlap)) {
        medicapp_.rereads = true;
        since = scope_of(rules, medicapp_).from();
        medicapp_.read =
            co_await read_medicapp(*context_, since, precision, false, medicapp_.shown.anchor);
    } else if (polls_behind) {
        observations.doubt_links();
    }
    if (!medicapp_.read) co_return;
    medicapp_.read->known_before = observations.expected_at();
    co_await recall_unconfirmed_links(*context_, !since);
    // A list that has never shown anybody proves nothing: it may lag behind the first load.
    if (context_->request.full) {
        auto count_links = [](state::Store& store) { return store.counts().links; };
        const auto linked = co_await context_->env.database.run(std::move(count_links));
        auto alarm = guard_empty_medicapp(*medicapp_.read, linked);
        if (alarm) alarm->changes = co_await all_missing({});
        if (alarm) alarm->linked = linked;
        context_->heed({.alarm = std::move(alarm)});
    }
    const bool missed = observations.misses_newest_write(since);
    const bool suspicious = missed || looks_rewound(medicapp_.shown, *medicapp_.read);
    co_await guard_against_rewound_medicapp(*context_, suspicious);
    if (missed && context_->going()) context_->status.forget_newest_write();
}

/// What the sources are asked for; all begin to be read.
Task<std::vector<Cycle::Asked>> Cycle::ask_sources(bool anyone_linked) {
    std::vector<Asked> all;
    for (auto* source : sources_) {
        if (context_->request.only_arrivals && !source->keeps_cursor()) {
            context_->leave_source(source->name());
            continue;
        }
        Asked asked{source, {}, {}};
        auto& progress = asked.progress;
        progress.source = source->name();
        progress.keeps_cursor = source->keeps_cursor();
        const auto kept = co_await context_->env.database.watermark("his:" + source->name());
        progress.before = trusted(context_->rules(), kept);
        progress.shown = believed(context_->rules(), kept);
        progress.whole = reread_;
        asked.plan = plan_for(context_->rules(), progress, anyone_linked);
        all.push_back(std::move(asked));
    }
    const auto executor = co_await boost::asio::this_coro::executor;
    for (const auto& asked : all)
        first_readings_->begin(executor, context_->env, *asked.source, asked.plan,
                               context_->request);
    co_return all;
}

/// What the source showed, if it has answered. One that is down is asked again beside this cycle
/// and the next, which then need not wait for it.
Task<std::optional<FirstReading>> Cycle::take_first_reading(const Asked& asked) {
    const auto& name = asked.source->name();
    auto first = first_readings_->take(name);
    if (!first) {
        context_->leave_source(name);
        const auto error = first_readings_->last_failure(name);
        awaits_source_ = awaits_source_ || !error;
        co_await context_->apply(
            error ? source_failed(context_->memory, name, trouble_of(*error), error->what)
                  : source_late(name));
    } else if (first->pass.state() == SourcePass::State::failed) {
        context_->leave_source(name);
        if (context_->request.patience) {
            const auto executor = co_await boost::asio::this_coro::executor;
            first_readings_->begin(executor, context_->env, *asked.source, asked.plan,
                                   context_->request);
        }
    }
    co_return first;
}

/// The sources are read side by side, and looked over one after the other, in their order.
Task<std::vector<Delta>> Cycle::survey_sources() {
    auto& memory = context_->memory;
    if (!context_->request.only_arrivals) {
        auto job = [](state::Store& store) { return store.counts().links; };
        memory.linked = co_await context_->env.database.run(std::move(job));
    }
    context_->changes = memory.burst.at(context_->env.clock.now().time_since_epoch());
    auto all = co_await ask_sources(memory.linked > 0);
    co_await first_readings_->wait(context_->env, context_->request.patience);
    std::vector<std::optional<FirstReading>> first;
    for (const auto& asked : all) {
        first.push_back(co_await take_first_reading(asked));
        coverage_.all_whole = coverage_.all_whole && context_->answers(asked.source->name());
    }
    std::vector<Delta> deltas;
    for (std::size_t i = 0; i < all.size() && context_->going(); ++i) {
        if (!first[i]) continue;
        deltas.push_back(co_await survey_source(all[i], *std::move(first[i])));
        his_.push_back(std::move(all[i]));
    }
    co_return deltas;
}

/// Surveys one source. If it does not show what it has shown before, it is read completely, to see
/// whether it has gone back in time.
Task<Delta> Cycle::survey_source(Asked& asked, FirstReading first) {
    auto& [source_asked, progress, plan] = asked;
    auto& source = *source_asked;
    auto delta = co_await survey(*context_, coverage_, contested_, std::move(first), plan);
    const bool ended = context_->going() && delta.pass.state() == SourcePass::State::ended;
    const bool suspicious = looks_rewound(progress.shown, delta.pass.result());
    if (ended && !plan.scope.is_whole() && suspicious) {
        progress.whole = true;
        plan = plan_for(context_->rules(), progress, plan.anyone_linked);
        std::function<bool()> going = [this] { return context_->going(); };
        auto whole = co_await read_first(pass_for(*context_, source, plan),
                                         context_->env.settings.identity, std::move(going));
        delta = co_await survey(*context_, coverage_, contested_, std::move(whole), plan);
    }
    co_await guard_against_source(asked, delta, suspicious);
    co_return delta;
}

/// Whether this cycle has settled everything that has to do with Medicapp and what arrives.
bool Cycle::takes_arrivals_next() const {
    const auto& observations = context_->observations;
    const auto is_read = [this](const connectors::Source* source) {
        return std::ranges::any_of(his_, [&](const Asked& asked) {
            return asked.source == source && asked.progress.read;
        });
    };
    return medicapp_.read && !observations.has_changes() && !observations.wants_any() &&
           context_->request.only_source.empty() &&
           std::ranges::all_of(sources_, [&](const connectors::Source* source) {
               return !source->keeps_cursor() || is_read(source);
           });
}

/// Watermarks move once everything before them is applied or held.
Task<void> Cycle::end() {
    if (context_->status.report().deferred > 0) co_return;
    std::vector<Progress> his;
    for (const auto& asked : his_)
        his.push_back(asked.progress);
    co_await context_->apply(move_watermarks(context_->rules(), context_->status,
                                             context_->observations, medicapp_, his, reread_));
    for (const auto& [source, progress, plan] : his_) {
        if (progress.read && progress.keeps_cursor) co_await source->taken(progress.cursor);
    }
    auto& memory = context_->memory;
    if (!context_->request.dry_run) memory.keep_asked();
    memory.linked += context_->status.report().created + context_->status.report().linked;
    memory.takes_arrivals = takes_arrivals_next();
}

} // namespace medibridge::sync
