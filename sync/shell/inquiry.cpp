#include "sync/shell/inquiry.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/concurrency.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/returned.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/formers.hpp"
#include "sync/shell/source_pass.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace medibridge::sync {

using connectors::MedicappPatient;
using runtime::Task;

namespace {

/// Candidates who are shown; more than a person would compare.
constexpr std::size_t most_candidates = 10;

/// Reads one Medicapp patient; nothing: not there, or trouble that is noted.
Task<std::optional<MedicappPatient>> look_at_medicapp(connectors::Medicapp& medicapp,
                                                      Inquiry& inquiry, std::string id) {
    auto reply = co_await medicapp.get(std::move(id));
    if (reply) co_return std::move(*reply);
    if (reply.error().failure != connectors::Failure::not_found)
        inquiry.medicapp_trouble = reason_of(reply.error());
    co_return std::nullopt;
}

/// Ids under which Medicapp may have the patient. An erased one may be there again.
std::vector<std::string> own_ids(const state::Known& known) {
    if (known.link) return {known.link->medicapp_id};
    if (known.unlinked) return {known.unlinked->medicapp_id};
    std::vector<std::string> ids;
    auto returned = returned_as(known);
    if (!returned.empty()) ids.push_back(std::move(returned));
    if (known.tombstone) ids.push_back(known.tombstone->medicapp_id);
    return ids;
}

/// Ids of Medicapp patients who may be the same person as the record's.
Task<std::vector<std::string>> candidate_ids(Environment env, const Rules& rules,
                                             const Inquiry& inquiry) {
    std::vector<std::string> ids;
    const auto& known = inquiry.known;
    if (!known.link && known.held && !known.held->medicapp_id.empty())
        ids.push_back(known.held->medicapp_id);
    const auto* record = inquiry.record();
    if (!record || known.link) co_return ids;
    auto job = [keys = matching_digests(rules, *record)](state::Store& store) {
        return store.matching(keys);
    };
    for (const auto& unlinked : co_await env.database.run(std::move(job))) {
        if (ids.size() >= most_candidates) break;
        if (std::ranges::find(ids, unlinked.medicapp_id) == ids.end())
            ids.push_back(unlinked.medicapp_id);
    }
    co_return ids;
}

/// Who survives a merge, or has the externalId that the patient is to have.
Task<std::optional<Inquiry::Other>> look_at_other(Environment env, connectors::Medicapp& medicapp,
                                                  Inquiry& inquiry) {
    const auto& known = inquiry.known;
    Inquiry::Other other;
    const auto* record = inquiry.record();
    other.external_id = record ? record->merged_into : std::string();
    if (other.external_id.empty()) other.external_id = known.redirect;
    if (!other.external_id.empty() && other.external_id != inquiry.key) {
        other.survives = !(record && record->renamed);
        const auto survivor = (co_await env.database.look_up({other.external_id})).front();
        if (survivor.link)
            other.medicapp_id = survivor.link->medicapp_id;
        else if (survivor.unlinked)
            other.medicapp_id = survivor.unlinked->medicapp_id;
    } else if (known.link && known.unlinked &&
               known.unlinked->medicapp_id != known.link->medicapp_id) {
        other.external_id = inquiry.key;
        other.medicapp_id = known.unlinked->medicapp_id;
    } else if (inquiry.former) {
        other.external_id = inquiry.former->external_id;
        other.medicapp_id = inquiry.former->medicapp_id;
        other.is_former = true;
    } else {
        co_return std::nullopt;
    }
    if (!other.medicapp_id.empty())
        other.patient = co_await look_at_medicapp(medicapp, inquiry, other.medicapp_id);
    co_return other;
}

} // namespace

Task<SourceSight> look_at_source(const Rules& rules, connectors::Source& source, std::string key) {
    SourceSight sight;
    sight.source = source.name();
    SourcePass pass(source, source.read_one(key), machine_clock(rules.request));
    std::vector<reconcile::Assessed> found;
    while (pass.state() == SourcePass::State::reading) {
        auto records = co_await pass.next(rules.settings.identity);
        for (auto& record : records) {
            if (state_key(record, rules.digester) == key) found.push_back(std::move(record));
        }
    }
    if (pass.state() == SourcePass::State::failed) sight.trouble = pass.error().what;
    auto merged = merge_duplicates(found);
    if (merged.empty()) co_return sight;
    sight.record = std::move(merged.front());
    std::erase_if(found, [&](const reconcile::Assessed& other) {
        return same_person(*sight.record, other) || !other.merged_into.empty();
    });
    sight.contradicting = std::move(found);
    co_return sight;
}

Task<Inquiry> inquire(Environment env, const Rules& rules, Sides sides, std::string key) {
    Inquiry inquiry;
    inquiry.key = key;
    auto known = co_await env.database.look_up({key});
    inquiry.known = std::move(known.front());
    auto& sources = sides.sources;
    const auto first = leading_source(inquiry.known);
    // What names no patient can be asked for only where it is kept, and by its key there.
    if (is_nameless(key))
        std::erase_if(sources, [&](const connectors::Source* source) {
            return source->name() != first || !source->keeps_cursor();
        });
    if (!sources.empty()) {
        std::ranges::stable_partition(
            sources, [&](const connectors::Source* source) { return source->name() == first; });
        if (sources.front()->name() == first) inquiry.leading = first;
        // Of somebody who was never linked any source may send a record.
        inquiry.is_sent_to = inquiry.leading.empty()
                                 ? std::ranges::any_of(sources, &connectors::Source::keeps_cursor)
                                 : sources.front()->keeps_cursor();
        inquiry.sources.resize(sources.size());
        auto look = [&](std::size_t i) -> Task<void> {
            inquiry.sources[i] = co_await look_at_source(rules, *sources[i], key);
        };
        co_await runtime::for_each_concurrently(sources.size(), sources.size(), look);
    }
    for (auto& own : own_ids(inquiry.known)) {
        if (inquiry.medicapp) break;
        inquiry.medicapp = co_await look_at_medicapp(sides.medicapp, inquiry, std::move(own));
    }
    for (auto& id : co_await candidate_ids(env, rules, inquiry)) {
        auto candidate = co_await look_at_medicapp(sides.medicapp, inquiry, std::move(id));
        if (candidate) inquiry.candidates.push_back({std::move(*candidate), {}});
    }
    if (inquiry.known.held) {
        auto job = [key](state::Store& store) { return former_of(store, key); };
        inquiry.former = co_await env.database.run(std::move(job));
    }
    inquiry.other = co_await look_at_other(env, sides.medicapp, inquiry);
    complete(rules, inquiry);
    co_return inquiry;
}

namespace {

/// Whether it is still the hold that was judged, and nobody has decided about it meanwhile.
bool still_fits(const state::Known& now, const state::Known& judged) {
    return now.held && now.held->reason == judged.held->reason &&
           now.held->record == judged.held->record &&
           now.held->acknowledged == judged.held->acknowledged &&
           is_same_decision(now.decision.get(), judged.decision.get());
}

/// Commits what the decision writes if it still fits: of two operators who decide at once, one is
/// refused. False: nothing changes.
Task<bool> commit_if_fits(Environment env, state::Known judged,
                          std::function<state::Batch(const state::Held& now)> batch_of) {
    auto job = [judged = std::move(judged), batch_of = std::move(batch_of)](state::Store& store) {
        const auto now = store.look_up({judged.held->key}).front();
        if (!still_fits(now, judged)) return false;
        store.commit(batch_of(*now.held));
        return true;
    };
    co_return co_await env.database.run(std::move(job));
}

/// The Medicapp patient whom `link` names: one of the candidates, or another.
Task<std::optional<MedicappPatient>> find_named(connectors::Medicapp& medicapp, Inquiry& now,
                                                const std::string& medicapp_id) {
    for (const auto& candidate : now.candidates) {
        if (candidate.patient.id == medicapp_id) co_return candidate.patient;
    }
    if (now.medicapp && now.medicapp->id == medicapp_id) co_return now.medicapp;
    co_return co_await look_at_medicapp(medicapp, now, medicapp_id);
}

} // namespace

Task<std::string> take_decision(Environment env, const Rules& rules, Sides sides, Order order,
                                const bool& cycle_runs) {
    auto now = co_await inquire(env, rules, sides, order.key);
    auto refusal = misfit(now.known, order);
    if (!refusal.empty()) co_return refusal;
    const auto blind = blindness(now, order);
    if (!blind.empty()) throw SideUnreadable(blind);
    refusal = outdated(now, order);
    if (refusal.empty()) refusal = obstacle(now, order);
    if (!refusal.empty()) co_return refusal;
    std::optional<MedicappPatient> about;
    if (order.kind == DecisionKind::link) {
        about = co_await find_named(sides.medicapp, now, order.medicapp_id);
        if (!now.medicapp_trouble.empty()) throw SideUnreadable(blindness(now, order));
        const auto links = co_await env.database.links_to({order.medicapp_id});
        refusal = obstacle_to_link(rules, now, order, about ? &*about : nullptr,
                                   links.front().has_value());
        if (!refusal.empty()) co_return refusal;
    }
    state::Batch taken;
    const auto pending = now.known.decision;
    if (pending) taken = replaced(*pending, order);
    if (order.kind != DecisionKind::ignore) {
        auto decision = decision_of(rules, now, order, about ? &*about : nullptr);
        for (auto& told : told_apart(rules, now, decision))
            taken.tell_apart(std::move(told));
        taken.put_decision(std::move(decision));
    }
    taken.audit(audit_of(order));
    const bool done_with = ends_with_ignore(now, order);
    auto batch_of = [taken = std::move(taken), kind = order.kind, done_with,
                     others = records_now(rules, now)](const state::Held& held) {
        auto batch = taken;
        if (kind != DecisionKind::ignore) return batch;
        if (done_with) {
            batch.forget(held.key);
            batch.append(release(held).changes);
            return batch;
        }
        auto left = held;
        left.acknowledged = true;
        left.others = others;
        const auto own = others.find(left.source);
        if (own != others.end()) {
            if (left.record == reconcile::Digest()) left.record = own->second;
            left.others.erase(left.source);
        }
        batch.hold(std::move(left));
        return batch;
    };
    // From here on nothing is awaited before the state is asked: a cycle that begins later finds
    // what was decided now.
    if (pending && cycle_runs) co_return under_way(*pending);
    const bool fits = co_await commit_if_fits(env, now.known, std::move(batch_of));
    if (!fits) co_return "something was decided or has changed just now: look at them again";
    if (done_with)
        for (const auto& event : release(*now.known.held).events)
            env.log.write(event);
    env.log.write(log::Event(log::events::decision_taken)
                      .with(log::Key::patient, order.key)
                      .with(log::Key::decision, std::string(state::name(order.kind)))
                      .with(log::Key::actor, order.actor.name));
    co_return std::string();
}

} // namespace medibridge::sync
