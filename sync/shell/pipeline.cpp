#include "sync/shell/pipeline.hpp"

#include "sync/core/settlement.hpp"
#include "sync/shell/inspection.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <iterator>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using runtime::Task;

namespace {

Task<Delivery::Answer> send(connectors::Medicapp& medicapp, WriteRequest request) {
    if (auto* patient = std::get_if<reconcile::Patient>(&request))
        co_return co_await medicapp.create(std::move(*patient));
    auto& update = std::get<connectors::PatientUpdate>(request);
    if (!is_empty(request)) co_return co_await medicapp.update(std::move(update));
    connectors::MedicappPatient untouched;
    untouched.id = std::move(update.id);
    co_return untouched;
}

} // namespace

/// Does what the delivery says, to its end.
Task<Effects> Pipeline::deliver(Delivery& delivery) {
    auto& medicapp = context_->env.medicapp;
    auto step = delivery.start();
    for (;;) {
        if (auto* to_send = std::get_if<Delivery::Send>(&step)) {
            if (to_send->probe && !(context_->going() && context_->status.may_probe())) {
                step = delivery.skipped();
                continue;
            }
            auto answer = co_await send(medicapp, std::move(to_send->request));
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

Task<void> Pipeline::feed_chunk(std::string source, std::vector<Assessed> records,
                                const Coverage& coverage) {
    const bool overlaps = std::ranges::any_of(records, [&](const Assessed& record) {
        return busy_.contains(record.patient.external_id());
    });
    if (overlaps) co_await finish();
    // Read again while the outcome of their create is not known.
    std::erase_if(records, [&](Assessed& record) { return unclear_.take_in(source, record); });

    auto items = co_await decide_items(*context_, coverage, std::move(source), std::move(records));
    auto put_off = co_await inspect_items(*context_, items);
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
