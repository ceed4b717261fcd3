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
    MllpConnection(std::shared_ptr<MllpShared> shared, std::unique_ptr<ByteStream> stream);

    /// Ends when the connection has ended and everything that was read is stored. Never throws.
    runtime::Task<void> run();
    /// Reads nothing more; stores and answers what was read, then closes the connection.
    void finish();

  private:
    /// The place of one block's answer among those that are still to be sent.
    struct Slot {
        bool done = false;
        std::string answer;
    };
    using Moment = std::chrono::steady_clock::time_point;

    runtime::Task<void> read_all();
    runtime::Task<void> take(MllpPiece piece);
    runtime::Task<void> take_ended(MllpPiece piece);
    runtime::Task<void> take_message(std::string bytes);
    runtime::Task<void> take_batch(std::string bytes);
    runtime::Task<void> room();
    runtime::Task<void> write_all();
    runtime::Task<void> store(std::shared_ptr<Slot> slot, Reading reading);
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
    std::optional<Moment> end_due_; ///< then an FS that nothing follows has ended its block
    std::optional<Moment> block_began_;
    bool taking_ = false; ///< take_ended() is under way
    bool finishing_ = false;
    bool read_ended_ = false;
    bool broken_ = false;
};

} // namespace medibridge::connectors::hl7
