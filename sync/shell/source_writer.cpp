#include "sync/shell/source_writer.hpp"

#include "base/log/catalogue.hpp"
#include "sync/shell/renaming.hpp"

#include <unordered_set>
#include <utility>

namespace medibridge::sync {

using connectors::SourceError;
using runtime::Task;

namespace {

/// Moves the records of these patients away, as far as there is room.
void set_aside(std::vector<reconcile::Assessed>& records,
               const std::unordered_set<std::string>& patients,
               std::vector<reconcile::Assessed>& aside) {
    if (patients.empty()) return;
    std::erase_if(records, [&](reconcile::Assessed& record) {
        const bool full = aside.size() >= limits::records_set_aside;
        if (full || !patients.contains(record.patient.external_id())) return false;
        aside.push_back(std::move(record));
        return true;
    });
}

} // namespace

Task<void> SourceWriter::write_records(std::string source, std::vector<reconcile::Assessed> records,
                                       const Coverage& coverage) {
    if (speaks_of_renaming(records)) {
        co_await pipeline_->finish();
        co_await follow_renaming(*context_, source, records);
    }
    co_await pipeline_->feed(std::move(source), std::move(records), coverage);
}

/// Writes what was read of a source's delta, and the rest while it is read. Who stands in it more
/// than once comes last, when all of their records are there.
Task<void> SourceWriter::write_pass(Delta& delta, Coverage coverage) {
    const auto& name = delta.pass.source().name();
    claims_->begin_pass();
    std::vector<reconcile::Assessed> aside;
    auto records = std::exchange(delta.records, std::vector<reconcile::Assessed>());
    for (;;) {
        vanished_.note(records, context_->env.digester);
        auto claims = delta.pass.take_claims();
        co_await claims_->set_aside(name, std::move(claims), records);
        contested_->set_aside(name, records);
        set_aside(records, delta.shown_twice, aside);
        co_await write_records(name, std::move(records), coverage);
        if (!context_->going() || delta.pass.state() != SourcePass::State::reading) break;
        records = co_await delta.pass.next(context_->env.settings.identity);
        coverage.streaming = true;
        coverage.repeated = delta.pass.repeated();
    }
    co_await pipeline_->finish();
    coverage.streaming = false;
    coverage.repeated.clear();
    if (delta.pass.state() != SourcePass::State::ended) co_return;
    aside = merge_duplicates(std::move(aside));
    co_await write_records(name, std::move(aside), coverage);
    auto claimed = co_await claims_->settle(delta.pass);
    co_await write_records(name, std::move(claimed), coverage);
    co_await pipeline_->finish();
}

/// Says that a pass is not proven. Whether it may be read once more: after so many, the source is
/// left for the next cycle.
bool SourceWriter::may_read_again(const Delta& delta, int pass) {
    const auto& name = delta.pass.source().name();
    const auto contradiction = delta.pass.contradiction();
    if (pass == limits::reading_passes) {
        const auto why =
            contradiction.empty()
                ? "its list moved each time it was read"
                : "its own numbers disagree, so it may not have shown everybody: " + contradiction;
        context_->leave_for_later("source " + name + ": " + why);
        context_->report.sources.push_back(SourceStatus{name, why});
        return false;
    }
    auto event = context_->event(log::events::source_unstable_list)
                     .with(log::Key::source, name)
                     .with(log::Key::attempt, pass);
    if (!contradiction.empty()) event.add(log::Key::reason, contradiction);
    context_->write(event);
    return true;
}

void SourceWriter::note_failure(const SourcePass& pass) {
    const auto& name = pass.source().name();
    const auto& error = pass.error();
    const bool refused = error.kind == SourceError::Kind::unauthorized;
    const auto reason = "source " + name + ": " + error.what;
    context_->report.sources.push_back(SourceStatus{name, error.what});
    if (refused) {
        context_->refuse_credentials(reason);
    } else {
        context_->leave_for_later(reason);
    }
    if (!context_->memory.down.insert(name).second) return;
    const auto& type = refused ? log::events::auth_refused
                       : error.kind == SourceError::Kind::unreadable
                           ? log::events::source_unreadable
                           : log::events::source_unavailable;
    context_->write(
        context_->event(type).with(log::Key::source, name).with(log::Key::reason, error.what));
}

void SourceWriter::note_success(const std::string& name) {
    context_->report.sources.push_back(SourceStatus{name, {}});
    if (context_->memory.down.erase(name) == 0) return;
    context_->write(context_->event(log::events::source_recovered).with(log::Key::source, name));
}

Task<bool> SourceWriter::write_until_proven(Delta& delta, const SurveyPlan& plan,
                                            Coverage coverage) {
    auto& source = delta.pass.source();
    if (delta.read_again)
        delta = co_await read_again(*context_, source, plan, std::move(delta.shown_twice));
    co_await write_pass(delta, coverage);
    coverage.again = true;
    for (int pass = 1; context_->going() && !delta.pass.proven(); ++pass) {
        if (delta.pass.state() == SourcePass::State::failed) {
            note_failure(delta.pass);
            co_return false;
        }
        if (!may_read_again(delta, pass)) co_return false;
        const auto fingerprint = delta.pass.fingerprint();
        delta = co_await read_again(*context_, source, plan, std::move(delta.shown_twice));
        co_await write_pass(delta, coverage);
        if (delta.pass.state() == SourcePass::State::ended && delta.pass.contradiction().empty() &&
            delta.pass.fingerprint() == fingerprint) {
            break;
        }
    }
    co_return context_->going();
}

Task<void> SourceWriter::write(Delta delta, SurveyPlan plan, Coverage coverage,
                               Progress& progress) {
    const auto& name = delta.pass.source().name();
    vanished_ = VanishedRecords();
    if (!co_await write_until_proven(delta, plan, std::move(coverage))) co_return;
    note_success(name);
    if (plan.scope.is_whole()) co_await vanished_.release(*context_, delta.pass);
    progress.read = delta.pass.result();
    progress.cursor = delta.pass.cursor();
}

} // namespace medibridge::sync
