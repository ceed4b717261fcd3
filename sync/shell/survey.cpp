#include "sync/shell/survey.hpp"

#include "sync/core/claims.hpp"
#include "sync/core/relatives.hpp"
#include "sync/shell/pipeline.hpp"
#include "sync/shell/rings.hpp"

#include <iterator>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

namespace {

void note_pair(Delta& delta, const std::string& external_id, const std::string& prior) {
    const bool is_pair = !external_id.empty() && !prior.empty() && external_id != prior;
    if (is_pair && delta.stated_pairs.size() < limits::claims_set_aside)
        delta.stated_pairs.emplace_back(external_id, prior);
}

void note_pairs(Delta& delta, const Assessed& record) {
    for (const auto& [id, prior] : stated_pairs(record))
        note_pair(delta, id, prior);
    note_pair(delta, record.merged_into, record.patient.external_id());
}

void note_merge(Context& context, Delta& delta, const Assessed& record, const state::Known& known) {
    if (delta.survivors.size() < limits::claims_set_aside)
        delta.survivors.emplace(record.patient.external_id(), record.merged_into);
    const auto merge = merge_of(context.rules(), record, known);
    if (!merge) return;
    const auto& besides = record.hold_unmerged;
    if (besides && known.held && known.held->reason == besides->reason)
        delta.held_besides.insert(record.patient.external_id());
    if (delta.merges.size() < limits::claims_set_aside)
        delta.merges.push_back(record);
    else
        context.changes.note(*merge);
}

/// Whether what the records say counts before they are written: with several sources it matters who
/// is held, too.
bool looks_over(const Context& context, const SurveyPlan& plan) {
    return plan.anyone_linked || context.rules().several_sources();
}

/// Takes note of a part of the delta. `claims`: what it says of others than the records' patients.
Task<void> look_over(Context& context, const Coverage& coverage, Contested& contested, Delta& delta,
                     std::vector<Assessed> records, std::vector<Assessed> claims,
                     const SurveyPlan& plan) {
    if (!looks_over(context, plan)) co_return;
    co_await leave_overtaken(context, *delta.pass.shown(), records);
    auto name = delta.pass.source().name();
    const auto items =
        co_await decide_items(context, coverage, std::move(name), std::move(records));
    for (const auto& item : items) {
        contested.note(item);
        note_pairs(delta, item.record);
        delta.surveyed.note(item, plan.tolerance, delta.pass.repeated());
        if (delta.read_again) delta.agreed.note(context.rules(), context.observations, item);
        if (is_merge(item.record)) {
            note_merge(context, delta, item.record, item.known);
            continue;
        }
        const auto change = change_of(context.rules(), item, context.memory);
        if (change && !context.memory.burst.is_new(change->external_id))
            context.changes.note(*change);
    }
    if (claims.empty()) co_return;
    std::vector<std::string> ids;
    for (const auto& claim : claims) {
        ids.push_back(claim.patient.external_id());
        note_pairs(delta, claim);
    }
    const auto known = co_await context.env.database.look_up(std::move(ids));
    for (std::size_t i = 0; i < claims.size(); ++i)
        note_merge(context, delta, claims[i], known[i]);
}

void note_repeated(Delta& delta) {
    for (const auto& id : delta.pass.repeated()) {
        if (delta.shown_twice.size() >= limits::records_set_aside) return;
        delta.shown_twice.insert(id);
    }
}

/// Reads a pass that is too large to be kept to its end.
Task<void> read_ahead(Context& context, const Coverage& coverage, Contested& contested,
                      Delta& delta, SurveyPlan plan) {
    delta.read_again = true;
    const auto depth =
        looks_over(context, plan) ? SourcePass::Depth::whole : SourcePass::Depth::identity;
    auto page = std::exchange(delta.records, std::vector<Assessed>());
    for (;;) {
        auto claims = delta.pass.take_claims(); // they come again when the delta is read again
        co_await look_over(context, coverage, contested, delta, std::move(page), std::move(claims),
                           plan);
        if (!context.going() || delta.pass.state() != SourcePass::State::reading) break;
        page = co_await delta.pass.next(context.env.settings.identity, depth);
        note_repeated(delta);
    }
}

} // namespace

SourcePass pass_for(const Context& context, connectors::Source& source, const SurveyPlan& plan,
                    const SourcePass* before) {
    SourcePass pass(source, plan.scope, machine_clock(context.request), plan.anchor);
    if (before) pass.resembles(*before);
    if (plan.remembers_times) pass.remember_times();
    return pass;
}

Task<Delta> survey(Context& context, const Coverage& coverage, Contested& contested,
                   FirstReading first, SurveyPlan plan) {
    Delta delta(std::move(first.pass));
    delta.records = std::move(first.records);
    if (delta.pass.state() == SourcePass::State::reading) {
        co_await read_ahead(context, coverage, contested, delta, std::move(plan));
        co_return delta;
    }
    auto copy = delta.records;
    auto claims = delta.pass.claims();
    co_await look_over(context, coverage, contested, delta, std::move(copy), std::move(claims),
                       plan);
    co_return delta;
}

Task<void> tell_answered(Context& context, const std::vector<Delta>& deltas) {
    for (const auto& delta : deltas) {
        const auto& pass = delta.pass;
        const auto& name = pass.source().name();
        const auto& error = pass.error();
        if (pass.state() == SourcePass::State::failed)
            co_await context.apply(
                source_failed(context.memory, name, trouble_of(error), error.what));
        else if (pass.state() == SourcePass::State::ended && pass.contradiction().empty())
            co_await context.apply(source_read(context.memory, name));
    }
}

Task<void> keep_stated_pairs(Context& context, const std::vector<Delta>& deltas) {
    Effects effects;
    for (const auto& delta : deltas)
        for (const auto& [external_id, prior] : delta.stated_pairs)
            effects.changes.put_prior(external_id, prior);
    if (!effects.changes.empty()) co_await context.apply(std::move(effects));
}

Task<Delta> read_again(Context& context, SurveyPlan plan, Delta before) {
    std::function<bool()> going = [&context] { return context.going(); };
    auto pass = pass_for(context, before.pass.source(), plan, &before.pass);
    auto first =
        co_await read_first(std::move(pass), context.env.settings.identity, std::move(going));
    Delta delta(std::move(first.pass));
    delta.records = std::move(first.records);
    delta.shown_twice = std::move(before.shown_twice);
    delta.agreed = std::move(before.agreed);
    co_return delta;
}

} // namespace medibridge::sync
