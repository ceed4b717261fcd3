#include "connectors/hl7v2/mllp_connection.hpp"

#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/events.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <exception>
#include <utility>

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
                               std::unique_ptr<ByteStream> stream, std::string host)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      changed_(shared_->executor),
      frames_(shared_->settings.max_message),
      last_whole_(steady_clock::now()),
      host_(std::move(host)) {
    handshake_due_ = last_whole_ + shared_->limits.handshake;
}

MllpConnection::~MllpConnection() {
    shared_->unfinished -= unfinished_;
}

bool MllpConnection::is_silent() const {
    if (!slots_.empty() || taking_ || broken_) return false;
    return !known_ || steady_clock::now() - last_whole_ >= shared_->limits.silent;
}

void MllpConnection::give_way() {
    if (broken_) return;
    broken_ = true;
    stream_->close();
    changed_.notify();
}

Task<void> MllpConnection::run() {
    const auto self = shared_from_this();
    auto on_expiry = [weak = weak_from_this()] {
        if (const auto connection = weak.lock()) connection->expire();
    };
    watch_ = std::make_shared<Watch>(shared_->executor, std::move(on_expiry));
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
            read_due_ = last_whole_ + idle;
        if (frames_.may_have_ended()) end_due_ = now + shared_->limits.block_end;
        watch();
        auto [error, size] = co_await stream_->read(buffer_);
        read_due_.reset();
        end_due_.reset();
        while (taking_) {
            co_await changed_.wait();
        }
        if (gives_up_) {
            co_await give_up_block();
            co_return;
        }
        if (error) {
            if (!is_end(error) && !broken_) fail(error.message());
            break;
        }
        shared_->stats.bytes += static_cast<std::int64_t>(size);
        frames_.add(std::string_view(buffer_.data(), size));
        co_await take_pieces();
        bound_memory();
        const auto drain = std::max(shared_->limits.drain, 4 * shared_->settings.max_message);
        if (!broken_ && frames_.skipping() && frames_.block_size() > drain) {
            co_await give_up_block();
            co_return;
        }
        if (frames_.dropped() <= shared_->limits.stray + shared_->settings.max_message) continue;
        fail("what it sends is not MLLP");
    }
    if (broken_) co_return;
    if (auto rest = frames_.finish()) co_await take(std::move(*rest));
}

Task<void> MllpConnection::take_pieces() {
    bool whole_one = false;
    for (auto piece = frames_.next(); piece && !broken_; piece = frames_.next()) {
        const bool whole =
            piece->kind != MllpPiece::Kind::stray && piece->kind != MllpPiece::Kind::cut;
        co_await take(std::move(*piece));
        if (whole) last_whole_ = steady_clock::now();
        whole_one = whole_one || whole;
    }
    if (!frames_.within_block())
        block_began_.reset();
    else if (whole_one || !block_began_)
        block_began_ = steady_clock::now();
}

/// Its sender learns that it is refused, and the connection ends, because nobody knows how much
/// more of it would come.
Task<void> MllpConnection::give_up_block() {
    co_await take(frames_.give_up());
    finishing_ = true;
}

/// Blocks that have not ended may together hold so much, small ones excepted: then those that grow
/// are dropped, and their senders told to try again.
void MllpConnection::bound_memory() {
    frames_.compact();
    const auto& limits = shared_->limits;
    const auto most = std::max(limits.unfinished, 2 * shared_->settings.max_message);
    if (frames_.held() > limits.small && shared_->unfinished - unfinished_ + frames_.held() > most)
        frames_.skip();
    shared_->unfinished -= unfinished_;
    unfinished_ = frames_.held() > limits.small ? frames_.held() : 0;
    shared_->unfinished += unfinished_;
}

void MllpConnection::answer(const std::shared_ptr<Slot>& slot, std::string text) {
    for (const auto& code : acknowledgement_codes(text))
        shared_->figures->note_acknowledgement(code, slot->watch.seconds());
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
    while (!broken_ && drained < shared_->limits.drain) {
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
        last_whole_ = now;
        read_due_ = idle.count() > 0 ? std::optional(now + idle) : std::nullopt;
        taking_ = true;
        asio::co_spawn(shared_->executor, take_ended(frames_.end_here()), asio::detached);
    }
    if (!read_due_ || *read_due_ > now) return watch();
    if (frames_.skipping()) {
        gives_up_ = true;
        read_due_.reset();
        return stream_->cancel_read();
    }
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
