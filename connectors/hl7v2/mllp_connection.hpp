#pragma once

#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "connectors/hl7v2/mllp_shared.hpp"
#include "connectors/hl7v2/mllp_stream.hpp"

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <string>

/// Internal to the MLLP listener.
namespace medibridge::connectors::hl7 {

/// One sender. Reads, stores and answers, several messages at once and in their order.
class MllpConnection : public std::enable_shared_from_this<MllpConnection> {
  public:
    /// `host`: whose quota and limits it counts for.
    MllpConnection(std::shared_ptr<MllpShared> shared, std::unique_ptr<ByteStream> stream,
                   std::string host);
    ~MllpConnection();
    MllpConnection(const MllpConnection&) = delete;
    MllpConnection& operator=(const MllpConnection&) = delete;

    /// Ends when the connection has ended and everything that was read is stored. Never throws.
    runtime::Task<void> run();
    /// Reads nothing more; stores and answers what was read, then closes the connection.
    void finish();

    const std::string& host() const { return host_; }
    /// TLS is not there yet.
    bool is_shaking_hands() const { return handshake_due_.has_value(); }
    /// It has sent a message that was stored: not only somebody who keeps a connection open.
    bool is_known() const { return known_; }
    /// It may make room: nothing of it is being stored or answered, and if it is known it was
    /// silent for MllpLimits::silent.
    bool is_silent() const;
    /// Since its last complete message, or since it was accepted.
    std::chrono::steady_clock::time_point silent_since() const { return last_whole_; }
    /// Closes it at once, to make room.
    void give_way();

  private:
    /// The place of one block's answer among those that are still to be sent.
    struct Slot {
        explicit Slot(figures::StopWatch since) : watch(since) {}
        figures::StopWatch watch; ///< since its last byte
        bool done = false;
        std::string answer;
    };
    using Moment = std::chrono::steady_clock::time_point;

    runtime::Task<void> read_all();
    runtime::Task<void> take(MllpPiece piece);
    runtime::Task<void> take_ended(MllpPiece piece);
    runtime::Task<void> take_message(std::string bytes);
    runtime::Task<void> take_batch(std::string bytes);
    runtime::Task<void> take_dropped(MllpPiece piece);
    runtime::Task<void> take_pieces();
    runtime::Task<void> give_up_block();
    runtime::Task<void> room(std::size_t size);
    runtime::Task<void> write_all();
    runtime::Task<void> store(std::shared_ptr<Slot> slot, Reading reading, std::size_t size);
    void bound_memory();
    void count_pending(std::size_t size);
    void release_pending(std::size_t size);
    runtime::Task<void> close();
    void answer(const std::shared_ptr<Slot>& slot, std::string text);
    void watch();
    void expire();
    void fail(std::string reason);

    std::shared_ptr<MllpShared> shared_;
    std::unique_ptr<ByteStream> stream_;
    std::shared_ptr<Watch> watch_;
    runtime::Signal changed_; ///< of slots_, and of what follows
    MllpFrames frames_;
    std::deque<std::shared_ptr<Slot>> slots_;
    std::array<char, 16384> buffer_{};
    std::optional<Moment> handshake_due_;
    std::optional<Moment> read_due_;
    std::optional<Moment> write_due_;
    std::optional<Moment> end_due_;     ///< then an FS that nothing follows has ended its block
    std::optional<Moment> block_began_; ///< the first one since the last that came to its end
    Moment last_whole_;
    std::string host_;
    std::size_t pending_ = 0;    ///< bytes of what is being stored
    std::size_t unfinished_ = 0; ///< as it counts in MllpShared
    bool known_ = false;
    bool gives_up_ = false; ///< a block that is being dropped takes too long
    bool taking_ = false;   ///< take_ended() is under way
    bool finishing_ = false;
    bool read_ended_ = false;
    bool broken_ = false;
};

} // namespace medibridge::connectors::hl7
