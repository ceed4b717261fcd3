#include "sync/shell/cycle.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/concurrency.hpp"
#include "sync/core/recording.hpp"
#include "sync/shell/drift.hpp"
#include "sync/shell/erasures.hpp"
#include "sync/shell/guards.hpp"
#include "sync/shell/mapping.hpp"
#include "sync/shell/resolution.hpp"

#include <cstdlib>
#include <exception>
#include <utility>

namespace medibridge::sync {

using runtime::Task;

namespace {

/// The state's key of our newest write: the Medicapp patient, and when Medicapp took it.
constexpr const char* newest_write_key = "medicapp:newest_write";

} // namespace

Task<void> Cycle::run() {
    std::exception_ptr error;
    try {
        co_await tell_story();
    } catch (...) {
        error = std::current_exception();
    }
    if (!error) co_return;
    co_await pipeline_.abandon();
    std::rethrow_exception(error);
}

Task<void> Cycle::tell_story() {
    if (co_await guard_against_changed_mappings(*context_, source_names())) context_->read_whole();
    if (!context_->going()) co_return;
    co_await recall_unfinished_writes();
    co_await recall_newest_write();
    co_await read_medicapp_changes();
    auto erased = co_await find_erasures(*context_, observations_);
    if (!context_->going()) co_return;

    auto deltas = co_await survey_sources();
    if (!context_->going() || !co_await is_plausible(deltas)) co_return;

    co_await record_erasures(*context_, observations_, std::move(erased));
    for (const auto& delta : deltas)
        claims_.take_witness(delta.pass);

    for (std::size_t i = 0; i < deltas.size(); ++i) {
        auto& [source, progress] = his_[i];
        if (!context_->going()) break;
        co_await writer_.write(std::move(deltas[i]), plan_for(progress, false), coverage_,
                               progress);
    }
    co_await pipeline_.finish();
    if (context_->going()) co_await contested_.settle(pipeline_, coverage_);
    co_await settle();
    co_await settle_refused();
    if (context_->going()) co_await move_watermarks();
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
    const auto gap = newest.find(' ');
    if (gap == std::string::npos) co_return;
    const auto at = std::strtoll(newest.c_str(), nullptr, 10);
    const reconcile::Instant taken_at{std::chrono::milliseconds(at)};
    context_->note_written(newest.substr(gap + 1), taken_at);
    observations_.expect(newest.substr(gap + 1), taken_at);
}

std::vector<std::string> Cycle::source_names() const {
    std::vector<std::string> names;
    for (const auto* source : sources_)
        names.push_back(source->name());
    return names;
}

/// Writes of an earlier run that never got a result: Medicapp says whether they took effect. A
/// create shows up in the list of changes; an update is looked up by its id.
Task<void> Cycle::recall_unfinished_writes() {
    auto job = [](state::Store& store) { return store.intents(); };
    const auto intents = co_await context_->env.database.run(std::move(job));
    std::vector<std::string> medicapp_ids;
    for (const auto& intent : intents) {
        observations_.note_old_intent(intent.external_id);
        if (intent.kind == state::Intent::Kind::update) medicapp_ids.push_back(intent.medicapp_id);
    }
    const auto links = co_await context_->env.database.links_to(std::move(medicapp_ids));
    std::function<Task<void>(std::size_t)> look = [&](std::size_t i) -> Task<void> {
        if (links[i] && context_->going()) co_await observe(*context_, observations_, *links[i]);
    };
    co_await runtime::for_each_concurrently(links.size(), context_->env.settings.concurrency,
                                            std::move(look));
}

Task<void> Cycle::read_medicapp_changes() {
    if (!context_->going()) co_return;
    const auto& rules = context_->rules();
    medicapp_.before = trusted(rules, co_await context_->env.database.watermark("medicapp"));
    const auto since = scope_of(rules, medicapp_).from();
    auto job = [](state::Store& store) { return store.counts(); };
    const auto counts = co_await context_->env.database.run(std::move(job));
    if (counts.unlinked > 0) observations_.note_look_alikes();
    const auto precision =
        medicapp_.before.stamp ? medicapp_.before.precision : reconcile::Precision::milliseconds;
    medicapp_.read = co_await read_medicapp(*context_, observations_, since, precision,
                                            context_->request.full, medicapp_.before.anchor);
    if (!medicapp_.read) co_return;
    // A list that never showed anybody says nothing yet: it may lag behind the first load.
    if (context_->request.full) co_await guard_against_empty_medicapp(*context_, *medicapp_.read);
    const bool missed = observations_.misses_newest_write(since);
    const bool suspicious = missed || looks_rewound(medicapp_.before, *medicapp_.read);
    co_await guard_against_rewound_medicapp(*context_, observations_.take_stale(), suspicious);
    if (missed && context_->going()) context_->forget_newest_written();
}

SurveyPlan Cycle::plan_for(const Progress& progress, bool anyone_linked) const {
    SurveyPlan plan;
    plan.scope = scope_of(context_->rules(), progress);
    plan.anchor = progress.before.anchor;
    plan.anyone_linked = anyone_linked;
    plan.tolerance =
        progress.whole ? std::chrono::milliseconds(1'000) : context_->env.settings.overlap;
    return plan;
}

/// Surveys one source. If it does not show what it has shown before, it is read whole, to see
/// whether it has gone back in time.
Task<Delta> Cycle::survey_source(connectors::Source& source, Progress& progress,
                                 bool anyone_linked) {
    progress.whole = reread_;
    auto plan = plan_for(progress, anyone_linked);
    auto delta = co_await survey(*context_, observations_, coverage_, contested_, source, plan);
    const bool ended = context_->going() && delta.pass.state() == SourcePass::State::ended;
    const bool suspicious = looks_rewound(progress.before, delta.pass.result());
    if (ended && !plan.scope.is_whole() && suspicious) {
        progress.whole = true;
        plan = plan_for(progress, anyone_linked);
        delta = co_await survey(*context_, observations_, coverage_, contested_, source, plan);
    }
    if (plan.scope.is_whole()) co_await guard_against_empty_source(*context_, delta.pass);
    guard_against_rewound_source(*context_, delta, suspicious);
    co_return delta;
}

Task<std::vector<Delta>> Cycle::survey_sources() {
    auto job = [](state::Store& store) { return store.counts(); };
    const auto counts = co_await context_->env.database.run(std::move(job));
    std::vector<Delta> deltas;
    for (auto* source : sources_) {
        if (!context_->going()) break;
        Progress progress;
        progress.keeps_cursor = source->keeps_cursor();
        progress.before = trusted(
            context_->rules(), co_await context_->env.database.watermark("his:" + source->name()));
        auto delta = co_await survey_source(*source, progress, counts.links > 0);
        his_.emplace_back(source, std::move(progress));
        deltas.push_back(std::move(delta));
    }
    co_return deltas;
}

Task<bool> Cycle::is_plausible(const std::vector<Delta>& deltas) {
    auto job = [](state::Store& store) { return store.counts(); };
    const auto counts = co_await context_->env.database.run(std::move(job));
    auto changes = co_await count_reassertions(*context_, observations_);
    for (const auto& delta : deltas)
        changes += delta.changes;

    const auto& settings = context_->env.settings;
    const auto share = static_cast<double>(counts.links) * settings.max_changes_ratio;
    if (changes < settings.max_changes_at_least || static_cast<double>(changes) <= share) {
        co_return true;
    }
    guard_changes(*context_, std::to_string(changes) + " of " + std::to_string(counts.links) +
                                 " linked patients would be changed");
    co_return false;
}

/// What is left once every source's delta is written: creates without a clear result, and patients
/// changed in Medicapp only.
Task<void> Cycle::settle() {
    const auto medicapp_since = scope_of(context_->rules(), medicapp_).from();
    const auto precision = medicapp_.before.precision;
    co_await resolve(*context_, observations_, pipeline_, unclear_, medicapp_since, precision,
                     coverage_);
    if (context_->going()) co_await settle_drift(*context_, observations_);
    for (const auto& patient : context_->released) {
        for (const auto* source : sources_) {
            if (source->name() != patient.source)
                observations_.want_of(source->name(), patient.external_id);
        }
    }
    if (context_->going() && observations_.wants_any()) {
        co_await read_wanted(*context_, observations_, pipeline_, sources_, coverage_);
        co_await resolve(*context_, observations_, pipeline_, unclear_, medicapp_since, precision,
                         coverage_);
    }
    co_await context_->apply(unclear_.remove_all());
}

/// Who alone was refused waits for the next cycle, or is held after so many in a row during which
/// others were served.
Task<void> Cycle::settle_refused() {
    if (!context_->going()) co_return; // then it is not these patients' fault
    std::vector<std::string> ids;
    for (const auto& [external_id, patient] : context_->refused)
        ids.push_back(external_id);
    if (ids.empty()) co_return;
    const auto known = co_await context_->env.database.look_up(ids);
    Effects effects;
    for (std::size_t i = 0; i < ids.size(); ++i)
        effects.append(count_refusal(context_->rules(), context_->refused.at(ids[i]), known[i],
                                     context_->served()));
    co_await context_->apply(std::move(effects));
}

Task<void> Cycle::move_watermarks() {
    if (context_->report.deferred > 0) co_return;
    const auto& rules = context_->rules();
    state::Batch batch;
    if (medicapp_.read && !observations_.has_changes() && observations_.wanted().empty()) {
        batch.put_watermark(advanced(rules, medicapp_));
    }
    for (const auto& [source, progress] : his_) {
        if (!progress.read) continue;
        if (!progress.keeps_cursor) batch.put_watermark(advanced(rules, progress));
        note_mapping(*context_, source->name(), batch);
    }
    const auto newest_at = context_->newest_written_at();
    if (newest_at != observations_.expected_at()) {
        std::string newest;
        if (newest_at)
            newest = std::to_string(newest_at->time_since_epoch().count()) + ' ' +
                     context_->newest_written();
        batch.put_meta(newest_write_key, std::move(newest));
    }
    // Once everything is applied or held, what an earlier run left open is settled too.
    if (context_->report.outcome == Outcome::complete) {
        if (reread_ || !context_->released.empty() || context_->reread_wanted) {
            batch.put_meta(reread_key, context_->reread_wanted ? "1" : "");
        }
        for (const auto& external_id : observations_.old_intents()) {
            batch.drop_intent(external_id);
        }
    }
    co_await context_->env.database.commit(std::move(batch));
    for (const auto& [source, progress] : his_) {
        if (progress.read && progress.keeps_cursor) co_await source->taken(progress.cursor);
    }
}

} // namespace medibridge::sync
