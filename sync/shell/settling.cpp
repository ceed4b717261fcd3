#include "sync/shell/settling.hpp"

#include "sync/core/drift.hpp"
#include "sync/core/medicapp_page.hpp"
#include "sync/core/order.hpp"
#include "sync/core/refusals.hpp"
#include "sync/shell/medicapp_reading.hpp"
#include "sync/shell/rings.hpp"
#include "sync/shell/source_pass.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

namespace medibridge::sync {

using connectors::Source;
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

std::vector<std::string> former_ids(const std::vector<Renamed>& patients) {
    std::vector<std::string> ids;
    for (const auto& patient : patients)
        ids.push_back(patient.link.external_id);
    return ids;
}

Task<std::vector<state::Known>> look_up(Context& context, const std::vector<Item>& items) {
    std::vector<std::string> ids;
    for (const auto& item : items)
        ids.push_back(item.external_id());
    co_return co_await context.env.database.look_up(std::move(ids));
}

/// Feeds the items' records to the pipeline again; what is known of them is looked up anew.
Task<void> feed_again(Pipeline& pipeline, std::vector<Item> items, const Coverage& coverage) {
    std::map<std::string, std::vector<Assessed>> by_source;
    for (auto& item : items)
        by_source[item.source].push_back(std::move(item.record));
    for (auto& [source, records] : by_source)
        co_await pipeline.feed(source, std::move(records), coverage);
    co_await pipeline.finish();
}

void append(std::vector<Item>& items, std::vector<Item> more) {
    items.insert(items.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

Task<void> resolve_creates(Context& context, Pipeline& pipeline, const Progress& medicapp,
                           const Coverage& coverage) {
    auto& unclear = pipeline.unclear();
    if (unclear.size() == 0 || !context.going()) co_return;
    const auto since = scope_of(context.rules(), medicapp).from();
    const auto precision = medicapp.before.precision;
    co_await read_medicapp(context, since, precision, false);
    co_await settle_renamed(context);
    if (!context.going()) co_return;

    auto taken = unclear.remove_taken();
    auto uncertain = unclear.remove_uncertain();
    auto found = take_found(taken, co_await look_up(context, taken));
    // Those not found were not executed, or are not listed yet: then 409 says so.
    append(found, std::move(uncertain));
    co_await feed_again(pipeline, std::move(found), coverage);

    append(taken, unclear.remove_taken());
    if (!taken.empty() && context.going()) {
        if (since) {
            co_await read_medicapp(context, std::nullopt, precision, false);
            co_await settle_renamed(context);
            auto found_now = take_found(taken, co_await look_up(context, taken));
            co_await feed_again(pipeline, std::move(found_now), coverage);
        }
        if (context.going())
            co_await context.apply(give_up(context.rules(), context.observations, taken));
    }
    // Of the others nothing more can be found out in this cycle.
    for (auto& patient : unclear.remove_refused(context.rules()))
        context.heed({.refused = std::move(patient)});
    co_await context.apply(unclear.remove_all());
}

Task<void> settle_changes(Context& context) {
    for (const auto& group : in_groups(context.observations.changed_ids())) {
        const auto known = co_await context.env.database.look_up(group);
        co_await context.apply(
            settle_drift(context.rules(), context.memory, context.observations, group, known));
    }
}

/// Asks the source for those who are wanted one by one. Whether each of them was shown, or is
/// proven not to be there.
Task<bool> read_one_by_one(Context& context, Pipeline& pipeline, Source& source,
                           const Coverage& coverage) {
    const auto ids = context.observations.wanted_of(source.name());
    if (!source.reads_one() || ids.size() > limits::single_readings) co_return false;
    bool all_proven = true;
    for (const auto& id : ids) {
        SourcePass pass(source, source.read_one(id), machine_clock(context.request));
        while (context.going() && pass.state() == SourcePass::State::reading) {
            auto records = co_await pass.next(context.env.settings.identity);
            co_await leave_overtaken(context, *pass.shown(), records);
            context.observations.keep_only_wanted(source.name(), records);
            co_await pipeline.feed(source.name(), std::move(records), coverage);
        }
        all_proven = all_proven && pass.proven();
    }
    co_await pipeline.finish();
    co_return all_proven || !context.observations.wants_any_of(source.name());
}

/// Reads one source completely, and again if its list may have moved, until everybody who is wanted
/// was shown, or it is proven that the others are not in it. Whether either came true.
Task<bool> read_wanted_of(Context& context, Pipeline& pipeline, Source& source,
                          const Coverage& coverage) {
    auto& observations = context.observations;
    if (co_await read_one_by_one(context, pipeline, source, coverage)) co_return true;
    for (int attempt = 1; attempt <= limits::reading_passes; ++attempt) {
        if (!observations.wants_any_of(source.name())) co_return true;
        SourcePass pass(source, Scope::everything(), machine_clock(context.request));
        while (context.going() && pass.state() == SourcePass::State::reading) {
            auto records = co_await pass.next(context.env.settings.identity);
            co_await leave_overtaken(context, *pass.shown(), records);
            observations.keep_only_wanted(source.name(), records);
            co_await pipeline.feed(source.name(), std::move(records), coverage);
        }
        co_await pipeline.finish();
        if (pass.state() == SourcePass::State::failed)
            context.heed({.left = "source " + source.name() + ": " + pass.error().what});
        if (pass.proven()) co_return true;
        if (!context.going() || pass.state() == SourcePass::State::failed) co_return false;
    }
    co_return !observations.wants_any_of(source.name());
}

/// Reads the sources for the patients who are wanted, and only for them. Patients that no source
/// has any more keep what Medicapp shows.
Task<void> read_wanted(Context& context, Pipeline& pipeline, const std::vector<Source*>& sources,
                       const Coverage& coverage) {
    bool all_read = true;
    for (auto* source : sources) {
        if (!context.answers(source->name())) {
            all_read = all_read && !context.observations.wants_any_of(source->name());
            continue;
        }
        const bool read = co_await read_wanted_of(context, pipeline, *source, coverage);
        all_read = all_read && read;
    }
    if (!context.going()) co_return;
    // The patients of sources that were left out on purpose wait for a cycle that reads them.
    const bool some_left_out = !context.request.only_source.empty();
    if (!all_read && !some_left_out) {
        context.heed({.left = "not every patient that is needed could be read from the sources"});
        co_return;
    }
    auto& observations = context.observations;
    if (!some_left_out) co_await context.apply(refuse_unseen(observations));
    observations.forget_wanted_of(); // who is left is in no source any more
    if (observations.wanted().empty() || some_left_out) co_return;
    const std::vector<std::string> ids(observations.wanted().begin(), observations.wanted().end());
    for (const auto& group : in_groups(ids)) {
        const auto known = co_await context.env.database.look_up(group);
        co_await context.apply(keep_shown(observations, group, known));
    }
    observations.forget_wanted();
}

} // namespace

Task<void> count_medicapp_changes(Context& context) {
    for (const auto& group : in_groups(context.observations.changed_ids())) {
        const auto known = co_await context.env.database.look_up(group);
        count_reassertions(context.rules(), context.observations, group, known, context.changes);
    }
    const auto renamed = context.observations.renamed();
    const auto known = co_await context.env.database.look_up(former_ids(renamed));
    count_renamed(renamed, known, context.changes);
}

namespace {

/// Whom the HIS has under an externalId that Medicapp took from its patient: if it is another
/// person, the link ends. And whom it has under the one that the patient carries now: if it is
/// them, the link moves there.
Task<void> want_both_ids(Context& context, const std::vector<Renamed>& patients) {
    std::vector<std::string> ids;
    for (const auto& patient : patients)
        ids.push_back(patient.external_id);
    const auto known = co_await context.env.database.look_up(ids);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto& link = patients[i].link;
        const auto look = context.rules().digester.text("carried", ids[i]);
        if (!context.memory.note_look("carried " + link.medicapp_id, look)) continue;
        context.observations.want(link.external_id);
        if (!known[i].link && !ids[i].empty()) context.observations.want(ids[i]);
    }
}

} // namespace

Task<void> settle_renamed(Context& context) {
    const auto renamed = context.observations.renamed();
    if (renamed.empty()) co_return;
    const auto known = co_await context.env.database.look_up(former_ids(renamed));
    co_await context.apply(hold_renamed(context.rules(), renamed, known));
    for (const auto& patient : renamed)
        context.memory.formers.try_again(patient.link.external_id);
    co_await want_both_ids(context, renamed);
    context.observations.forget_renamed();
}

Task<void> settle(Context& context, Pipeline& pipeline, const std::vector<Source*>& sources,
                  const Progress& medicapp, const Coverage& coverage) {
    co_await resolve_creates(context, pipeline, medicapp, coverage);
    if (context.going()) co_await settle_changes(context);
    std::vector<std::string> names;
    for (const auto* source : sources)
        names.push_back(source->name());
    // Of whom even then is not known what others say is asked by the next cycle.
    constexpr int most_readings = 3;
    std::size_t asked_for = 0; // of those whose hold has ended
    for (int reading = 0; reading < most_readings && context.going(); ++reading) {
        const auto& released = context.status.released();
        context.observations.want_of_others(std::span(released).subspan(asked_for), names);
        asked_for = released.size();
        if (!context.observations.wants_any()) break;
        co_await read_wanted(context, pipeline, sources, coverage);
        co_await resolve_creates(context, pipeline, medicapp, coverage);
        // What was read for them, an operator's decision too, may have ended other holds.
        if (context.status.released().size() == asked_for) break;
    }
    context.heed({.reread = context.status.released().size() > asked_for});
    co_await context.apply(pipeline.unclear().remove_all());
}

Task<void> settle_refused(Context& context) {
    const bool by_them = context.status.refuses_everybody();
    if (!context.going() && !by_them) co_return; // then it is not these patients' fault
    const auto& patients = context.status.refused();
    std::vector<std::string> ids;
    for (const auto& [external_id, patient] : patients)
        ids.push_back(external_id);
    if (ids.empty()) co_return;
    const auto known = co_await context.env.database.look_up(std::move(ids));
    co_await context.apply(
        by_them ? put_refused_last(patients, known)
                : count_refusals(context.rules(), patients, known, context.status.served()));
}

} // namespace medibridge::sync
