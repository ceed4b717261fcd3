#include "sync/shell/pipeline.hpp"

#include "sync/core/views.hpp"
#include "sync/shell/recording.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <iterator>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;
using Kind = Decision::Kind;

namespace {

bool is_write(const Item& item) {
    switch (item.decision.kind) {
    case Kind::create:
    case Kind::update:
        return true;
    case Kind::adopt:
        return item.decision.plan.writes() || item.decision.write_external_id;
    default:
        return false;
    }
}

/// What must be remembered of a linked patient before the write leaves. The item's intent takes the
/// place of a former one that nobody has answered: what that one is seen to have done is agreed
/// from now on, as a third writer must not pass for it after a crash. And an end of the process
/// must not make the identity that is being written the one that was confirmed.
void keep_before_write(const Item& item, state::Batch& batch) {
    if (!item.known.link) return;
    const auto& link = *item.known.link;
    const bool unanswered = item.known.intent && item.seen;
    const bool drifts = item.decision.drift && *item.decision.drift != link.drift;
    if (!unanswered && !drifts) return;
    auto kept = link;
    if (unanswered) {
        auto& baselines = kept.baselines;
        baselines = with_unanswered_write(std::move(baselines), item.known.intent, *item.seen);
    }
    if (drifts) kept.drift = *item.decision.drift;
    batch.put_link(std::move(kept));
}

/// A record in use in its own right: the merge that is kept of its patient was undone.
void lift_redirect(const Item& item, state::Batch& batch) {
    if (item.known.redirect.empty() || !item.record.merged_into.empty()) return;
    const auto kind = item.decision.kind;
    if (kind == Kind::hold || kind == Kind::untouched || kind == Kind::still_held) return;
    batch.drop_redirect(item.external_id());
}

/// The tombstone is there and nothing stands beside it. It alone may have outlived a power cut.
bool is_known_erased(const state::Known& known) {
    return known.tombstone && !known.link && !known.unlinked;
}

} // namespace

/// A Medicapp patient without externalId can be only one HIS patient: a second one who would be
/// linked to them is held.
void Pipeline::claim(Item& item) {
    if (item.decision.kind != Kind::adopt || !item.decision.write_external_id) return;
    if (observations_->claimed.insert(item.decision.medicapp_id).second) return;
    item.decision = Decision::hold_for(reconcile::HoldReason::possible_duplicate, {},
                                       "several HIS patients match", item.decision.medicapp_id);
}

void Pipeline::settle_without_write(Item& item, state::Batch& batch) {
    auto& report = context_->report;
    switch (item.decision.kind) {
    case Kind::hold:
        if (item.decision.hold_reason == reconcile::HoldReason::erased_in_medicapp &&
            !is_known_erased(item.known))
            record_erasure(item.external_id(), item.decision.medicapp_id, batch);
        if (!record_item_hold(*context_, item, batch)) report.unchanged += 1;
        break;
    case Kind::adopt: {
        const auto& env = context_->env;
        const auto view =
            medicapp_view(*item.detail, item.external_id(), env.digester, env.settings.identity);
        record_action(*context_, item, Action::linked, *item.detail, reconcile::FieldSet(), batch);
        record_agreement(*context_, item, item.detail->id, view, batch);
        break;
    }
    case Kind::refresh: {
        const auto& link = *item.known.link;
        const auto& before = link.baselines.medicapp;
        report_fields(*context_, item);
        record_agreement(*context_, item, link.medicapp_id,
                         item.seen ? completed(*item.seen, before) : before, batch);
        report.unchanged += 1;
        break;
    }
    case Kind::nothing:
        report.unchanged += 1;
        // Who is not in Medicapp and need not be is held for nothing any more.
        if (item.known.held && item.may_release && !item.known.link)
            record_release(*context_, *item.known.held, batch);
        break;
    default:
        report.unchanged += 1;
        break;
    }
}

Task<void> Pipeline::send_chunk(Context* context, Unresolved* unresolved,
                                std::shared_ptr<Chunk> chunk) {
    std::function<Task<void>(std::size_t)> send_one = [&](std::size_t i) -> Task<void> {
        auto& item = chunk->items[i];
        if (context->going()) {
            co_await deliver(*context, item, *unresolved, chunk->results);
            co_return;
        }
        chunk->results.drop_intent(item.external_id());
        context->report.deferred += 1;
    };
    co_await runtime::for_each_concurrently(chunk->items.size(), context->env.settings.concurrency,
                                            std::move(send_one));
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
    auto results = std::exchange(results_, state::Batch());
    co_await context_->env.database.commit(std::move(results));
    busy_.clear();
    context_->env.observer.progressed(context_->report);
}

Task<void> Pipeline::abandon() {
    if (!sending_) co_return;
    try {
        co_await join();
    } catch (...) { // NOLINT: the failure that led here is the one to report
        chunk_.reset();
    }
}

Task<void> Pipeline::feed(std::string source, std::vector<Assessed> records) {
    for (std::size_t begin = 0; begin < records.size(); begin += limits::chunk_records) {
        if (!context_->going()) co_return;
        const auto end = std::min(records.size(), begin + limits::chunk_records);
        std::vector<Assessed> part(
            std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(begin)),
            std::make_move_iterator(records.begin() + static_cast<std::ptrdiff_t>(end)));
        co_await feed_chunk(source, std::move(part));
    }
}

Task<void> Pipeline::feed_chunk(std::string source, std::vector<Assessed> records) {
    const bool overlaps = std::ranges::any_of(records, [&](const Assessed& record) {
        return busy_.contains(record.patient.external_id());
    });
    if (overlaps) co_await finish();
    // Read again while the outcome of their create is not known.
    std::erase_if(records, [&](Assessed& record) { return unresolved_->takes_in(source, record); });

    auto items =
        co_await decide_items(*context_, *observations_, std::move(source), std::move(records));
    co_await inspect_items(*context_, items);

    // What earlier chunks ended with becomes durable together with what this one begins with.
    auto batch = std::exchange(results_, state::Batch());
    busy_.clear();
    if (chunk_) {
        for (const auto& item : chunk_->items)
            busy_.insert(item.external_id());
    }
    auto chunk = std::make_shared<Chunk>();
    for (auto& item : items) {
        // Such a record says nothing about a change in Medicapp.
        if (item.decision.kind != Kind::untouched) {
            observations_->changed.erase(item.external_id());
        }
        observations_->take_wanted(item.source, item.external_id());
        claim(item);
        lift_redirect(item, batch);
        if (!is_write(item)) {
            settle_without_write(item, batch);
            continue;
        }
        busy_.insert(item.external_id());
        if (item.decision.kind == Kind::create && item.known.unlinked) {
            // It was read and is not there any more.
            batch.drop_unlinked(item.known.unlinked->medicapp_id);
        }
        keep_before_write(item, batch);
        batch.put_intent(intent_of(item));
        chunk->items.push_back(std::move(item));
    }
    co_await context_->env.database.commit(std::move(batch));
    co_await join();
    context_->env.observer.progressed(context_->report);
    if (chunk->items.empty()) co_return;
    chunk_ = chunk;
    const auto executor = co_await boost::asio::this_coro::executor;
    sending_.emplace(executor, send_chunk(context_, unresolved_, std::move(chunk)));
}

} // namespace medibridge::sync
