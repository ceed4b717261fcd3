#include "sync/shell/source_writer.hpp"

#include "sync/core/renaming.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/renaming.hpp"
#include "sync/shell/rings.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace medibridge::sync {

using connectors::Source;
using reconcile::Assessed;
using runtime::Task;

namespace {

bool is_somebody(const state::Known& known) {
    return known.link || known.unlinked || known.tombstone || known.held || !known.redirect.empty();
}

} // namespace

void SourceWriter::take_witness(const SourcePass& pass) {
    if (pass.state() == SourcePass::State::ended)
        claims_.take_witness(pass.source().name(), {.shown = pass.shown(),
                                                    .whole = pass.whole(),
                                                    .complete = pass.whole() && pass.proven()});
}

/// Whether anybody has the externalId into which somebody was merged who is new here: a column that
/// holds no externalIds, mapped by mistake, would keep everybody out without a word. `known`: of
/// the claims' patients.
Task<void> SourceWriter::look_for_survivors(const std::string& source, std::vector<Assessed>& open,
                                            const std::vector<state::Known>& known) {
    std::vector<std::string> survivors;
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < open.size(); ++i) {
        if (open[i].second_hand || known[i].link || known[i].unlinked) continue;
        open[i].survivor_exists = claims_.shows_survivor(source, open[i]);
        if (open[i].survivor_exists == true) continue;
        survivors.push_back(open[i].merged_into);
        asked.push_back(i);
    }
    if (asked.empty()) co_return;
    const auto found = co_await context_->env.database.look_up(std::move(survivors));
    for (std::size_t i = 0; i < asked.size(); ++i)
        if (is_somebody(found[i])) open[asked[i]].survivor_exists = true;
}

Task<void> SourceWriter::set_claims_aside(Delta& delta, std::vector<Assessed>& records) {
    const auto& name = delta.pass.source().name();
    auto open = claims_.open(name, delta.pass.take_claims(), records);
    std::vector<std::string> ids;
    for (const auto& claim : open)
        ids.push_back(claim.patient.external_id());
    std::vector<state::Known> known;
    if (!ids.empty()) known = co_await context_->env.database.look_up(std::move(ids));
    co_await look_for_survivors(name, open, known);
    // A page without claims may hold the survivor of an earlier page's.
    auto effects = claims_.set_aside(name, std::move(open), known, records);
    context_->heed(effects);
}

/// Reads `asked` completely, to see whether the patients of whom `source` claims something have
/// records in use. False: that could not be seen.
Task<bool> SourceWriter::look_for_records_in_use(Source& asked, const std::string& source) {
    std::optional<std::uint64_t> before;
    for (int attempt = 1; attempt <= limits::reading_passes && context_->going(); ++attempt) {
        SourcePass pass(asked, Scope::everything(), machine_clock(context_->request));
        pass.remember_times();
        while (context_->going() && pass.state() == SourcePass::State::reading)
            co_await pass.next(context_->env.settings.identity);
        if (pass.state() != SourcePass::State::ended) break;
        claims_.refute(source, asked.name(), *pass.shown());
        if (pass.proven() || pass.repeats(before)) co_return true;
        before = pass.fingerprint();
    }
    context_->heed({.left = "source " + asked.name() +
                            ": it could not be read completely, to see who is merged"});
    co_return false;
}

/// A claim about a linked patient makes us read every source completely that may refute it. False:
/// one of them could not be read.
Task<bool> SourceWriter::look_for_refutations(const SourcePass& pass) {
    const auto& name = pass.source().name();
    bool all_seen = true;
    claims_.refute(name, name, *pass.shown());
    for (auto* asked : sources_) {
        if (!claims_.calls_for_look({.source = asked->name(),
                                     .made_claims = asked == &pass.source(),
                                     .complete = pass.whole() && pass.proven(),
                                     .knows_doubles = asked->knows_doubles()}))
            continue;
        const bool seen =
            context_->answers(asked->name()) && co_await look_for_records_in_use(*asked, name);
        all_seen = all_seen && seen;
    }
    co_return all_seen;
}

Task<void> SourceWriter::expect_survivors(const Delta& delta) {
    constexpr int longest_chain = 8;
    std::vector<std::string> survivors;
    for (const auto& claim : delta.merges) {
        auto next = delta.survivors.find(claim.patient.external_id());
        for (int i = 0; i < longest_chain && next != delta.survivors.end(); ++i) {
            survivors.push_back(next->second);
            next = delta.survivors.find(next->second);
        }
    }
    if (survivors.empty()) co_return;
    const auto known = co_await context_->env.database.look_up(survivors);
    for (std::size_t i = 0; i < survivors.size(); ++i) {
        if (known[i].link) continue; // nobody will be created
        claims_.expect(delta.pass.source().name(), survivors[i]);
        contested_->expect(delta.pass.source().name(), survivors[i]);
    }
}

Change SourceWriter::merge_change(const Assessed& claim) const {
    return Change::merge(claim.patient.external_id(), claim.merged_into, claim.renamed,
                         record_digest(claim, context_->env.digester));
}

void SourceWriter::count_merges(const Delta& delta, ChangeCounter& changes) const {
    const auto& name = delta.pass.source().name();
    for (const auto& claim : delta.merges) {
        const auto& id = claim.patient.external_id();
        if (delta.pass.shown()->in_use(id)) continue;
        if (const auto left = claims_.left_of(name, claim)) {
            if (!delta.held_besides.contains(id))
                changes.note(Change::hold(id, left->hold->reason,
                                          record_digest(*left, context_->env.digester)));
            continue;
        }
        if (claims_.is_refuted(name, claim)) continue;
        changes.note(merge_change(claim));
    }
}

Task<bool> SourceWriter::look_at_merges(const Delta& delta) {
    claims_.reconsider(delta.merges);
    const bool seen = co_await look_for_refutations(delta.pass);
    claims_.begin_pass();
    co_return seen;
}

/// Whoever would be new under an externalId that another source disputes is held, and their record
/// taken out.
Task<void> SourceWriter::hold_disputed_survivors(const std::string& source,
                                                 std::map<std::string, Assessed> disputed,
                                                 std::vector<Assessed>& records) {
    const auto is_record_of = [](const std::string& survivor) {
        return [&survivor](const Assessed& record) {
            return record.patient.external_id() == survivor;
        };
    };
    std::set<std::string> left;
    for (const auto& [survivor, claim] : disputed) {
        const auto known = co_await context_->env.database.look_up(
            std::vector<std::string>{claim.patient.external_id(), survivor});
        if (known[0].link) co_await context_->apply(claims_.tell(source, claim));
        const auto place = std::ranges::find_if(records, is_record_of(survivor));
        const auto* record = place == records.end() ? nullptr : &*place;
        co_await context_->apply(
            hold_disputed(context_->rules(), source, claim, known[0], known[1], record));
        const auto now =
            co_await context_->env.database.look_up(std::vector<std::string>{survivor});
        if (!now[0].held || !awaits_renaming(*now[0].held) || now[0].decision) continue;
        std::erase_if(records, is_record_of(survivor));
        left.insert(survivor);
    }
    contested_->leave(left);
}

/// At the end of the pass: the claims that were not refuted, and the survivors' records.
Task<std::vector<Assessed>> SourceWriter::settle_claims(const SourcePass& pass) {
    if (!co_await look_for_refutations(pass)) {
        std::set<std::string> left;
        auto effects = claims_.leave_all_for_later(left);
        contested_->leave(left);
        co_await context_->apply(std::move(effects));
    }
    for (const auto& claim : claims_.take_dropped())
        context_->memory.burst.take_back(merge_change(claim));
    auto disputed = claims_.disputed();
    auto records = claims_.take();
    vanished_.note(records, context_->env.digester);
    co_await hold_disputed_survivors(pass.source().name(), std::move(disputed), records);
    co_return records;
}

Task<void> SourceWriter::write_records(const SourcePass& pass, std::vector<Assessed> records,
                                       const Coverage& coverage) {
    const auto& source = pass.source().name();
    co_await leave_overtaken(*context_, *pass.shown(), records);
    if (speaks_of_renaming(records)) {
        co_await pipeline_->finish();
        contested_->leave(co_await follow_renaming(*context_, sources_, source, records));
    }
    co_await pipeline_->feed(source, std::move(records), coverage);
}

/// What the survey has found as agreed counts as decided.
Task<void> SourceWriter::leave_out_agreed(const AgreedRecords& agreed,
                                          std::vector<Assessed>& records,
                                          const Coverage& coverage) {
    Effects effects;
    effects.examined = agreed.take_out(context_->observations, coverage.repeated, records);
    effects.counts.unchanged = effects.examined;
    if (effects.examined > 0) co_await context_->apply(std::move(effects));
}

/// Writes what was read of a source's delta, and the rest while it is read. Who stands in it more
/// than once comes last, when all of their records are there.
Task<void> SourceWriter::write_pass(Delta& delta, Coverage coverage) {
    const auto& name = delta.pass.source().name();
    coverage.partial = !delta.pass.whole() && !delta.pass.source().knows_doubles();
    coverage.refused_wait = true;
    claims_.begin_pass();
    pipeline_->take_refused(); // a pass that did not come to its end may have left some
    std::vector<Assessed> aside;
    auto records = std::exchange(delta.records, std::vector<Assessed>());
    for (;;) {
        vanished_.note(records, context_->env.digester);
        co_await set_claims_aside(delta, records);
        contested_->set_aside(name, records);
        set_aside(records, delta.shown_twice, aside);
        co_await leave_out_agreed(delta.agreed, records, coverage);
        co_await write_records(delta.pass, std::move(records), coverage);
        if (!context_->going() || delta.pass.state() != SourcePass::State::reading) break;
        records = co_await delta.pass.next(context_->env.settings.identity);
        coverage.streaming = true;
        coverage.repeated = delta.pass.repeated();
    }
    co_await pipeline_->finish();
    coverage.streaming = false;
    coverage.refused_wait = false;
    coverage.repeated.clear();
    if (delta.pass.state() != SourcePass::State::ended) co_return;
    co_await write_records(delta.pass, merge_duplicates(std::move(aside)), coverage);
    co_await write_records(delta.pass, co_await settle_claims(delta.pass), coverage);
    co_await pipeline_->feed(name, merge_duplicates(pipeline_->take_refused()), coverage);
    co_await pipeline_->finish();
}

Task<void> SourceWriter::write(Delta delta, SurveyPlan plan, Coverage coverage,
                               Progress& progress) {
    auto& source = delta.pass.source();
    const auto& name = source.name();
    vanished_ = VanishedRecords();
    reconcile::ReadResult before; // of this cycle's pass before the last one
    if (delta.read_again) {
        before = delta.pass.result();
        delta = co_await read_again(*context_, plan, std::move(delta));
    }
    co_await write_pass(delta, coverage);
    coverage.again = true;
    bool repeats = false;
    for (int pass = 1; context_->going() && !delta.pass.proven() && !repeats; ++pass) {
        const auto& error = delta.pass.error();
        if (delta.pass.state() == SourcePass::State::failed) {
            co_await context_->apply(
                source_failed(context_->memory, name, trouble_of(error), error.what));
            co_return;
        }
        co_await context_->apply(source_moved(name, delta.pass.contradiction(), pass));
        if (pass == limits::reading_passes) co_return;
        const auto fingerprint = delta.pass.fingerprint();
        before = delta.pass.result();
        delta = co_await read_again(*context_, plan, std::move(delta));
        co_await write_pass(delta, coverage);
        repeats = delta.pass.repeats(fingerprint);
    }
    if (!context_->going()) co_return;
    auto effects = source_read(context_->memory, name);
    effects.append(held_together(context_->memory, name, delta.pass.held_together()));
    if (plan.scope.is_whole()) {
        auto job = [](state::Store& store) { return store.held(); };
        const auto held = co_await context_->env.database.run(std::move(job));
        effects.append(vanished_.release(context_->rules(), name, *delta.pass.shown(), held));
    }
    co_await context_->apply(std::move(effects));
    progress.read = reconcile::following(delta.pass.result(), before);
    progress.cursor = delta.pass.cursor();
}

Task<void> SourceWriter::write_contested(Coverage coverage) {
    coverage.all_at_hand = coverage.all_whole;
    for (auto& group : contested_->take(coverage.all_at_hand)) {
        co_await pipeline_->feed(std::move(group.source), std::move(group.records), coverage);
        co_await pipeline_->finish();
    }
}

} // namespace medibridge::sync
