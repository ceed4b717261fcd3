#include "sync/shell/pipeline.hpp"

#include "sync/core/inspection.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/refusals.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/settlement.hpp"
#include "sync/core/views.hpp"
#include "sync/core/write_request.hpp"
#include "sync/shell/relatives.hpp"
#include "sync/shell/renaming.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <iterator>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPatient;
using reconcile::Assessed;
using runtime::Task;

namespace {

Task<Delivery::Answer> send(connectors::Medicapp& medicapp, WriteRequest request) {
    if (auto* patient = std::get_if<reconcile::Patient>(&request))
        co_return co_await medicapp.create(std::move(*patient));
    auto& update = std::get<connectors::PatientUpdate>(request);
    if (!is_empty(request)) co_return co_await medicapp.update(std::move(update));
    MedicappPatient untouched;
    untouched.id = std::move(update.id);
    co_return untouched;
}

/// Unlinked Medicapp patients without externalId that share a matching key with the record.
Task<std::vector<std::string>> find_look_alikes(Context& context, const Item& item) {
    auto keys = matching_digests(context.rules(), item.record);
    auto job = [keys = std::move(keys)](state::Store& store) {
        std::vector<std::string> ids;
        for (auto& unlinked : store.matching(keys))
            ids.push_back(std::move(unlinked.medicapp_id));
        return ids;
    };
    co_return co_await context.env.database.run(std::move(job));
}

/// The patient into whom this one was merged, if they are linked, or were erased in Medicapp;
/// nothing: neither.
Task<std::optional<state::Known>> find_survivor_of(Context& context, const Item& item) {
    constexpr int longest_chain = 8;
    auto id = item.known.redirect;
    for (int i = 0; i < longest_chain && !id.empty(); ++i) {
        auto known = std::move((co_await context.env.database.look_up({id})).front());
        if (known.link || known.tombstone) co_return known;
        id = known.redirect;
    }
    co_return std::nullopt;
}

/// Whether the record is decided again once a link has moved or ended.
bool moves_link(const Item& item) {
    return item.decision.kind == Decision::Kind::take_back ||
           item.decision.kind == Decision::Kind::let_go;
}

Effects leave_to_whole_cycle(Item& item) {
    Effects effects;
    item.decision = Decision::leave();
    effects.counts.deferred = 1;
    effects.notice.left = "what arrived needs a look at both sides: a whole cycle follows";
    return effects;
}

Task<Effects> inspect_item(Context& context, Item& item) {
    Effects effects;
    std::vector<MedicappPatient> details;
    for (const auto& id : ids_to_read(item)) {
        if (!context.going()) {
            item.decision = Decision::leave();
            effects.counts.deferred = 1;
            co_return effects;
        }
        auto reply = co_await context.env.medicapp.get(id);
        if (reply) {
            details.push_back(std::move(*reply));
        } else if (reply.error().failure != Failure::not_found) {
            effects.notice.refused = refused_patient(context.rules(), item, reply.error(), id);
            context.heed(effects);
            item.decision = Decision::leave();
            co_return effects;
        }
    }
    if (context.request.only_arrivals && may_be_rewound(item, details))
        co_return leave_to_whole_cycle(item);
    judge_with_details(context.rules(), item, std::move(details));
    // Whom else it concerns is asked for by a whole cycle.
    if (context.request.only_arrivals && moves_link(item)) co_return leave_to_whole_cycle(item);
    co_return effects;
}

/// A cycle that does not hear all sources leaves new patients to one that does: others may say
/// something else of them. The first one since Medicapp's list was read waits for it to be read
/// again.
Effects leave_new_patients(Context& context, std::vector<Item>& items) {
    Effects effects;
    if (!context.request.only_arrivals) return effects;
    auto& memory = context.memory;
    for (auto& item : items) {
        const bool awaits_sources = !context.hears_all() && speaks_of_new_patient(item);
        const bool awaits_list =
            !memory.list_was_read_for_new && item.decision.kind == Decision::Kind::create;
        memory.new_patient_waits = memory.new_patient_waits || awaits_list;
        if (awaits_sources || awaits_list) effects.append(leave_to_whole_cycle(item));
    }
    return effects;
}

/// Reads the Medicapp patients that decisions need, and decides again where that was asked for.
/// Items whose patient could not be read are left for the next cycle.
Task<Effects> inspect_items(Context& context, std::vector<Item>& items) {
    std::vector<std::size_t> to_inspect;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!ids_to_read(items[i]).empty()) to_inspect.push_back(i);
    }
    Effects all;
    std::function<Task<void>(std::size_t)> inspect = [&](std::size_t i) -> Task<void> {
        all.append(co_await inspect_item(context, items[to_inspect[i]]));
    };
    co_await runtime::for_each_concurrently(to_inspect.size(), context.env.settings.concurrency,
                                            std::move(inspect));
    for (auto& item : items) {
        const bool has_relatives = item.known.related || !item.record.prior_ids.empty();
        if (item.decision.kind != Decision::Kind::create || !has_relatives) continue;
        all.append(co_await compare_relatives(context, item));
        if (context.request.only_arrivals && moves_link(item))
            all.append(leave_to_whole_cycle(item));
    }
    co_return all;
}

/// What came up after the guard had judged the cycle, and is more than plausible, is left.
Effects leave_late_changes(Context& context, std::vector<Item>& items) {
    Effects effects;
    for (auto& item : items) {
        if (item.ordered) continue;
        const auto change = change_of(context.rules(), item, context.memory);
        const bool is_new = change && context.memory.burst.is_new(change->external_id);
        if (!change || is_new || context.late.allows(*change)) continue;
        item.decision = Decision::leave();
        context.memory.left_unjudged.insert(item.external_id());
        ++effects.counts.deferred;
        effects.notice.left = "more linked patients would be changed than were judged before the "
                              "first write: the next cycle judges them";
    }
    return effects;
}

/// Once for each record that it shows, and for an operator, who is answered after that.
void want_all_records(Context& context, Item& item) {
    const auto digest = record_digest(item.record, context.rules().digester);
    const bool is_news = context.memory.note_look(
        "several records " + item.source + ' ' + item.name_in_source(), digest);
    if (is_news || item.ordered) context.observations.want_of(item.source, item.name_in_source());
    item.ordered = false;
}

} // namespace

Task<std::vector<Item>> decide_items(Context& context, const Coverage& coverage, std::string source,
                                     std::vector<Assessed> records) {
    const auto& rules = context.rules();
    const auto& observations = context.observations;
    std::vector<std::string> keys;
    keys.reserve(records.size());
    for (const auto& record : records)
        keys.push_back(state_key(record, rules.digester));
    auto known = co_await context.env.database.look_up(std::move(keys));

    std::vector<Item> items;
    items.reserve(records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& item =
            items.emplace_back(item_of(rules, source, std::move(records[i]), std::move(known[i])));
        co_await find_former(context, item);
        const auto* change = observations.change_of(item.external_id());
        if (change) item.seen = *change;
        item.unconfirmed = observations.links_doubtful();
        item.remapped = observations.is_remapped(source);
        const auto occasion = occasion_of(observations, coverage, item);
        judge_item(rules, item, occasion);
        if (item.shown_in_part) want_all_records(context, item);
        // A cycle that reads all sources is called for: once by each record, and by an operator.
        const bool leaves_it = context.request.only_arrivals && !context.hears_all();
        if (item.calls_for_all && !leaves_it) {
            const bool is_new = context.memory.note_asked(
                item.external_id(), item.source, record_digest(item.record, rules.digester));
            context.heed({.reread = is_new || item.ordered});
        }
        const auto* carrier = observations.carrier_of(item.external_id());
        if (carrier && is_new_by_rules(item)) {
            inspect_survivor(item, *carrier);
        } else if (needs_survivor(item)) {
            const auto survivor = co_await find_survivor_of(context, item);
            if (survivor && survivor->link) {
                inspect_survivor(item, survivor->link->medicapp_id);
            } else if (survivor) {
                item.known.tombstone = survivor->tombstone;
                judge_item(rules, item, occasion); // the same person as they were before
            }
        }
        inspect_former(item);
        if (item.decision.kind == Decision::Kind::create && observations.look_alikes_possible()) {
            const auto look_alikes = co_await find_look_alikes(context, item);
            if (!look_alikes.empty()) judge_item(rules, item, occasion, look_alikes);
        }
    }
    co_return items;
}

/// Does what the delivery says, to its end.
Task<Effects> Pipeline::deliver(Delivery& delivery) {
    auto& medicapp = context_->env.medicapp;
    auto step = delivery.start();
    int probes = 0;
    for (;;) {
        if (auto* to_send = std::get_if<Delivery::Send>(&step)) {
            if (to_send->probe && !(context_->going() && context_->status.may_probe())) {
                step = delivery.skipped();
                continue;
            }
            probes += to_send->probe ? 1 : 0;
            auto answer = co_await send(medicapp, std::move(to_send->request));
            if (answer) context_->status.note_found_by(std::exchange(probes, 0));
            step = delivery.answered(std::move(answer));
        } else if (auto* to_look = std::get_if<Delivery::Look>(&step)) {
            auto answer = co_await medicapp.get(std::move(to_look->medicapp_id));
            step = delivery.answered(std::move(answer));
        } else if (auto* to_keep = std::get_if<Delivery::Keep>(&step)) {
            co_await context_->apply(std::move(to_keep->effects));
            step = delivery.kept();
        } else if (auto* to_park = std::get_if<Delivery::Park>(&step)) {
            co_return unclear_.park(std::move(to_park->item), to_park->why);
        } else {
            co_return std::move(std::get<Delivery::Done>(step).effects);
        }
    }
}

Task<void> Pipeline::send_chunk(std::shared_ptr<Chunk> chunk) {
    std::function<Task<void>(std::size_t)> send_one = [&](std::size_t i) -> Task<void> {
        auto& delivery = chunk->deliveries[i];
        auto effects = context_->going() ? co_await deliver(delivery) : delivery.not_sent();
        context_->heed(effects);
        chunk->results.append(std::move(effects));
    };
    co_await runtime::for_each_concurrently(
        chunk->deliveries.size(), context_->env.settings.concurrency, std::move(send_one));
}

Task<void> Pipeline::join() {
    if (!sending_) co_return;
    auto sending = std::exchange(sending_, std::nullopt);
    co_await sending->join();
    results_.append(std::move(chunk_->results));
    chunk_.reset();
}

Task<void> Pipeline::finish() {
    co_await join();
    auto results = std::exchange(results_, Effects());
    co_await context_->apply(std::move(results));
    busy_.clear();
    context_->env.observer.progressed(context_->status.report());
}

Task<void> Pipeline::abandon() {
    if (!sending_) co_return;
    try {
        co_await join();
    } catch (...) { // NOLINT: the failure that led here is the one to report
        chunk_.reset();
    }
}

Task<void> Pipeline::feed(std::string source, std::vector<Assessed> records,
                          const Coverage& coverage) {
    co_await keep_prior_ids(*context_, records);
    for (std::size_t begin = 0; begin < records.size(); begin += limits::chunk_records) {
        if (!context_->going()) co_return;
        const auto end = std::min(records.size(), begin + limits::chunk_records);
        std::vector<Assessed> part(
            std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(begin)),
            std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(end)));
        co_await feed_chunk(source, std::move(part), coverage);
    }
}

void Pipeline::note_busy(const Chunk& chunk) {
    for (const auto& delivery : chunk.deliveries)
        busy_.insert(delivery.external_id());
}

/// As many as that were refused would end the cycle before anybody else is tried.
void Pipeline::let_refused_wait(std::vector<Item>& items) {
    std::erase_if(items, [this](Item& item) {
        const bool asks = calls_for_write(item) || !ids_to_read(item).empty();
        const bool waits = asks && item.known.refusal && !item.ordered &&
                           refused_.size() < limits::refused_patients;
        if (waits) refused_.push_back(std::move(item.record));
        return waits;
    });
}

/// Decides to the end, whatever Medicapp has to be asked for that. What is to be left goes to
/// `put_off`.
Task<std::vector<Item>> Pipeline::decide_chunk(std::string source, std::vector<Assessed> records,
                                               const Coverage& coverage, Effects& put_off) {
    auto items = co_await decide_items(*context_, coverage, source, std::move(records));
    if (coverage.refused_wait && !context_->status.served()) let_refused_wait(items);
    put_off.append(leave_new_patients(*context_, items));
    put_off.append(co_await inspect_items(*context_, items));
    if (std::ranges::none_of(items, moves_link)) co_return items;
    co_await finish(); // nothing is under way for the link that moves
    const auto& rules = context_->rules();
    std::vector<Assessed> again;
    std::unordered_set<std::string> asked_for; // of whom nothing is known here any more
    for (auto& item : items) {
        if (!moves_link(item)) continue;
        if (item.decision.kind == Decision::Kind::take_back)
            asked_for.insert(co_await take_link_back(*context_, item));
        else
            co_await context_->apply(let_go(rules, item.external_id(), *item.detail));
        again.push_back(std::move(item.record));
    }
    std::erase_if(items, [&](const Item& item) {
        return moves_link(item) || asked_for.contains(item.external_id());
    });
    auto linked = co_await decide_items(*context_, coverage, std::move(source), std::move(again));
    put_off.append(co_await inspect_items(*context_, linked));
    std::ranges::move(linked, std::back_inserter(items));
    co_return items;
}

Task<void> Pipeline::feed_chunk(std::string source, std::vector<Assessed> records,
                                const Coverage& coverage) {
    const bool overlaps = std::ranges::any_of(records, [&](const Assessed& record) {
        return busy_.contains(record.patient.external_id());
    });
    if (overlaps) co_await finish();
    // Their record was read again while the outcome of their create is unknown.
    std::erase_if(records, [&](Assessed& record) { return unclear_.take_in(source, record); });

    Effects put_off;
    auto items = co_await decide_chunk(std::move(source), std::move(records), coverage, put_off);
    put_off.append(leave_late_changes(*context_, items));
    for (const auto& item : items) {
        if (item.former && item.decision.kind == Decision::Kind::hold)
            context_->memory.formers.try_again(item.external_id());
    }
    // What earlier chunks ended with becomes durable together with what this one begins with.
    auto effects = std::exchange(results_, Effects());
    effects.append(std::move(put_off));
    auto settled =
        settle_chunk(context_->rules(), context_->observations, std::move(items), coverage.again);
    effects.append(std::move(settled.effects));
    auto chunk = std::make_shared<Chunk>();
    chunk->deliveries = std::move(settled.deliveries);
    busy_.clear();
    if (chunk_) note_busy(*chunk_);
    note_busy(*chunk);
    co_await context_->apply(std::move(effects));
    co_await join();
    context_->env.observer.progressed(context_->status.report());
    if (chunk->deliveries.empty()) co_return;
    chunk_ = chunk;
    const auto executor = co_await boost::asio::this_coro::executor;
    sending_.emplace(executor, send_chunk(std::move(chunk)));
}

} // namespace medibridge::sync
