#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/batch.hpp"
#include "connectors/hl7v2/events.hpp"
#include "connectors/hl7v2/mllp_connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <functional>
#include <utility>
#include <vector>

/// What a connection does with what it has read.
namespace medibridge::connectors::hl7 {

namespace asio = boost::asio;
using runtime::Task;

/// The read goes on meanwhile, and what it brings waits.
Task<void> MllpConnection::take_ended(MllpPiece piece) {
    const auto self = shared_from_this();
    co_await take(std::move(piece));
    taking_ = false;
    changed_.notify();
}

Task<void> MllpConnection::take(MllpPiece piece) {
    const auto size = std::to_string(piece.size) + " bytes";
    switch (piece.kind) {
    case MllpPiece::Kind::message:
        if (is_batch(piece.bytes))
            co_await take_batch(std::move(piece.bytes));
        else if (!piece.bytes.empty())
            co_await take_message(std::move(piece.bytes));
        break;
    case MllpPiece::Kind::too_large:
    case MllpPiece::Kind::skipped:
        co_await take_dropped(std::move(piece));
        break;
    case MllpPiece::Kind::cut:
        ++shared_->stats.cut;
        shared_->bounded.write(events::mllp_message_cut, shared_->name,
                               "a message of which only " + size + " came was dropped");
        break;
    case MllpPiece::Kind::stray:
        shared_->bounded.write(events::mllp_message_cut, shared_->name,
                               size + " outside of any message were dropped");
        break;
    }
}

Task<void> MllpConnection::take_dropped(MllpPiece piece) {
    const figures::StopWatch watch;
    const bool again = piece.kind == MllpPiece::Kind::skipped;
    co_await room(0);
    if (broken_) co_return;
    const Refusal why =
        again ? Refusal(ErrorCode::internal, "too many large messages at once")
              : Refusal(ErrorCode::data_type, "the message is larger than max_message");
    auto reading = shared_->reader.read_dropped(
        piece.bytes, again ? Outcome::failed : Outcome::refused, why, shared_->now());
    shared_->note(reading);
    if (again) {
        --shared_->stats.refused;
        ++shared_->stats.failed;
    }
    auto slot = std::make_shared<Slot>(watch);
    slots_.push_back(slot);
    answer(slot, std::move(reading.answer));
}

/// Until another message of this size may be stored.
Task<void> MllpConnection::room(std::size_t size) {
    const auto& limits = shared_->limits;
    const auto is_full = [&] {
        return slots_.size() >= limits.pipelined ||
               (pending_ > 0 && pending_ + size > limits.pending);
    };
    const auto are_full = [&] {
        return size > limits.small && shared_->pending > 0 &&
               shared_->pending + size > limits.all_pending;
    };
    while (!broken_ && (is_full() || are_full())) {
        co_await (is_full() ? changed_ : shared_->drained).wait();
    }
}

void MllpConnection::count_pending(std::size_t size) {
    pending_ += size;
    shared_->pending += size;
}

void MllpConnection::release_pending(std::size_t size) {
    pending_ -= size;
    shared_->pending -= size;
    shared_->drained.notify();
    changed_.notify();
}

Task<void> MllpConnection::take_message(std::string bytes) {
    const figures::StopWatch watch;
    const auto size = bytes.size();
    co_await room(size);
    if (broken_) co_return;
    auto reading = shared_->reader.read(bytes, shared_->now());
    shared_->note(reading);
    auto slot = std::make_shared<Slot>(watch);
    slots_.push_back(slot);
    if (!reading.store) {
        answer(slot, std::move(reading.answer));
        co_return;
    }
    known_ = true;
    reading.arrival.sender = host_;
    count_pending(size);
    // Runs up to its put() at once, so that the inbox sees the order of arrival.
    asio::co_spawn(shared_->executor, store(slot, std::move(reading), size), asio::detached);
}

Task<void> MllpConnection::store(std::shared_ptr<Slot> slot, Reading reading, std::size_t size) {
    const auto self = shared_from_this();
    auto text = co_await shared_->store(std::move(reading.arrival), std::move(reading.answer));
    release_pending(size);
    answer(slot, std::move(text));
}

/// The next block waits for it, because its messages come before those of that block.
Task<void> MllpConnection::take_batch(std::string bytes) {
    const figures::StopWatch watch;
    co_await room(bytes.size());
    if (broken_) co_return;
    auto slot = std::make_shared<Slot>(watch);
    slots_.push_back(slot);
    auto batch = read_batch(bytes, shared_->limits.batch);
    if (!batch) {
        Reading refused;
        refused.control_id = "-";
        refused.reason = "a batch: " + batch.error().reason;
        shared_->note(refused);
        std::vector<std::string> one(1);
        one[0] = Answers().answer(Outcome::refused, batch.error(), false, shared_->now());
        answer(slot, batch_answer(bytes, one));
        co_return;
    }
    std::vector<std::string> answers(batch->messages.size());
    auto work = [&](std::size_t i) -> Task<void> {
        auto reading = shared_->reader.read(batch->messages[i], shared_->now());
        shared_->note(reading);
        answers[i] = std::move(reading.answer);
        if (!reading.store) co_return;
        known_ = true;
        reading.arrival.sender = host_;
        auto if_failed = answers[i];
        answers[i] = co_await shared_->store(std::move(reading.arrival), std::move(if_failed));
    };
    std::function<Task<void>(std::size_t)> store_one = std::move(work);
    count_pending(bytes.size());
    co_await runtime::for_each_concurrently(batch->messages.size(), shared_->limits.pipelined,
                                            std::move(store_one));
    release_pending(bytes.size());
    answer(slot, batch_answer(bytes, answers));
}

} // namespace medibridge::connectors::hl7
