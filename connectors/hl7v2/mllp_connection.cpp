#include "connectors/hl7v2/mllp_connection.hpp"

#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/batch.hpp"
#include "connectors/hl7v2/events.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <exception>
#include <utility>
#include <vector>

namespace medibridge::connectors::hl7 {

namespace asio = boost::asio;
using runtime::Task;
using std::chrono::steady_clock;

namespace {

/// Ways in which a peer ends a connection that are no fault.
bool is_end(const ByteStream::Error& error) {
    return error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
           error == asio::error::operation_aborted || error == asio::error::connection_reset;
}

} // namespace

MllpConnection::MllpConnection(std::shared_ptr<MllpShared> shared,
                               std::unique_ptr<ByteStream> stream)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      changed_(shared_->executor),
      frames_(shared_->settings.max_message) {}

Task<void> MllpConnection::run() {
    const auto self = shared_from_this();
    auto on_expiry = [weak = weak_from_this()] {
        if (const auto connection = weak.lock()) connection->expire();
    };
    watch_ = std::make_shared<Watch>(shared_->executor, std::move(on_expiry));
    handshake_due_ = steady_clock::now() + shared_->limits.handshake;
    watch();
    std::string failure;
    if (!finishing_) failure = co_await stream_->open();
    if (!failure.empty() && !broken_) fail("TLS: " + failure);
    handshake_due_.reset();
    runtime::Background writer(shared_->executor, write_all());
    std::string thrown;
    try {
        if (!broken_) co_await read_all();
    } catch (const std::exception& error) {
        thrown = error.what();
    }
    if (!thrown.empty()) fail(thrown);
    read_ended_ = true;
    changed_.notify();
    co_await writer.join();
    if (!broken_) co_await close();
    watch_->stop();
    stream_->close();
    // What is still being stored has no sender any more, but it must come to its end.
    while (!slots_.empty()) {
        std::erase_if(slots_, [](const auto& slot) { return slot->done; });
        if (!slots_.empty()) co_await changed_.wait();
    }
}

void MllpConnection::finish() {
    finishing_ = true;
    if (handshake_due_) { // nothing was said yet
        broken_ = true;
        stream_->close();
    }
    stream_->cancel_read();
    changed_.notify();
}

Task<void> MllpConnection::read_all() {
    while (!finishing_ && !broken_) {
        const auto now = steady_clock::now();
        const auto idle = shared_->settings.idle_timeout;
        read_due_.reset();
        if (block_began_)
            read_due_ = *block_began_ + shared_->limits.message;
        else if (idle.count() > 0)
            read_due_ = now + idle;
        if (frames_.may_have_ended()) end_due_ = now + shared_->limits.block_end;
        watch();
        auto [error, size] = co_await stream_->read(buffer_);
        read_due_.reset();
        end_due_.reset();
        while (taking_) {
            co_await changed_.wait();
        }
        if (error) {
            if (!is_end(error) && !broken_) fail(error.message());
            break;
        }
        shared_->stats.bytes += static_cast<std::int64_t>(size);
        frames_.add(std::string_view(buffer_.data(), size));
        const bool within = frames_.within_block();
        bool ended_one = false;
        for (auto piece = frames_.next(); piece && !broken_; piece = frames_.next()) {
            ended_one = ended_one || piece->kind != MllpPiece::Kind::stray;
            co_await take(std::move(*piece));
        }
        if (!frames_.within_block())
            block_began_.reset();
        else if (!within || ended_one || !block_began_)
            block_began_ = steady_clock::now();
        if (frames_.dropped() <= shared_->limits.stray + shared_->settings.max_message) continue;
        fail("what it sends is not MLLP");
    }
    if (broken_) co_return;
    if (auto rest = frames_.finish()) co_await take(std::move(*rest));
}

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
    case MllpPiece::Kind::too_large: {
        co_await room();
        auto reading = shared_->reader.read_oversized(piece.bytes, shared_->now());
        shared_->note(reading);
        auto slot = std::make_shared<Slot>();
        slots_.push_back(slot);
        answer(slot, std::move(reading.answer));
        break;
    }
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

Task<void> MllpConnection::room() {
    while (slots_.size() >= shared_->limits.pipelined && !broken_) {
        co_await changed_.wait();
    }
}

Task<void> MllpConnection::take_message(std::string bytes) {
    co_await room();
    if (broken_) co_return;
    auto reading = shared_->reader.read(bytes, shared_->now());
    shared_->note(reading);
    auto slot = std::make_shared<Slot>();
    slots_.push_back(slot);
    if (!reading.store) {
        answer(slot, std::move(reading.answer));
        co_return;
    }
    // Runs up to its put() at once, so that the inbox sees the order of arrival.
    asio::co_spawn(shared_->executor, store(slot, std::move(reading)), asio::detached);
}

Task<void> MllpConnection::store(std::shared_ptr<Slot> slot, Reading reading) {
    const auto self = shared_from_this();
    auto text = co_await shared_->store(std::move(reading.arrival), std::move(reading.answer));
    answer(slot, std::move(text));
}

/// The next block waits for it, because its messages come before those of that block.
Task<void> MllpConnection::take_batch(std::string bytes) {
    co_await room();
    auto slot = std::make_shared<Slot>();
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
        auto if_failed = answers[i];
        answers[i] = co_await shared_->store(std::move(reading.arrival), std::move(if_failed));
    };
    std::function<Task<void>(std::size_t)> store_one = std::move(work);
    co_await runtime::for_each_concurrently(batch->messages.size(), shared_->limits.pipelined,
                                            std::move(store_one));
    answer(slot, batch_answer(bytes, answers));
}

void MllpConnection::answer(const std::shared_ptr<Slot>& slot, std::string text) {
    slot->answer = framed_answers(text);
    slot->done = true;
    if (slot == slots_.front() || broken_) changed_.notify();
}

Task<void> MllpConnection::write_all() {
    while (!broken_) {
        std::string out;
        while (!slots_.empty() && slots_.front()->done) {
            out += slots_.front()->answer;
            slots_.pop_front();
        }
        if (!out.empty()) {
            changed_.notify(); // there is room
            write_due_ = steady_clock::now() + shared_->limits.write;
            watch();
            const auto error = co_await stream_->write(out);
            write_due_.reset();
            if (error && !broken_) fail("answers cannot be sent: " + error.message());
            continue;
        }
        if (read_ended_ && slots_.empty()) break;
        co_await changed_.wait();
    }
}

/// Waits for the peer to read everything: closing at once resets the connection if data is unread,
/// and the peer would lose its answers.
Task<void> MllpConnection::close() {
    write_due_ = steady_clock::now() + shared_->limits.linger;
    watch();
    co_await stream_->end();
    std::size_t drained = 0;
    while (!broken_ && drained < shared_->settings.max_message) {
        auto [error, size] = co_await stream_->read(buffer_);
        if (error) break;
        drained += size;
    }
    write_due_.reset();
}

void MllpConnection::watch() {
    auto due = Watch::TimePoint::max();
    for (const auto& one : {handshake_due_, read_due_, write_due_, end_due_})
        if (one) due = std::min(due, *one);
    if (due == Watch::TimePoint::max())
        watch_->clear();
    else
        watch_->set(due);
}

void MllpConnection::expire() {
    const auto now = steady_clock::now();
    if (handshake_due_ && *handshake_due_ <= now) return fail("TLS: the handshake takes too long");
    if (write_due_ && *write_due_ <= now) {
        if (!read_ended_ || !slots_.empty()) return fail("the sender does not read its answers");
        broken_ = true; // it does not close either
        return stream_->close();
    }
    if (end_due_ && *end_due_ <= now) {
        end_due_.reset();
        block_began_.reset();
        const auto idle = shared_->settings.idle_timeout;
        read_due_ = idle.count() > 0 ? std::optional(now + idle) : std::nullopt;
        taking_ = true;
        asio::co_spawn(shared_->executor, take_ended(frames_.end_here()), asio::detached);
    }
    if (!read_due_ || *read_due_ > now) return watch();
    if (frames_.within_block()) return fail("a message takes too long to arrive completely");
    // Silence is no fault; what was answered stands.
    finish();
}

void MllpConnection::fail(std::string reason) {
    if (broken_) return;
    broken_ = true;
    shared_->bounded.write(events::mllp_connection_failed, shared_->name, std::move(reason));
    stream_->close();
    changed_.notify();
}

} // namespace medibridge::connectors::hl7
