#pragma once

#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/bounded_log.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "connectors/hl7v2/mllp_listener.hpp"
#include "connectors/hl7v2/mllp_stream.hpp"
#include "connectors/hl7v2/reading.hpp"
#include "connectors/inbox/inbox.hpp"

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

/// Internal to the MLLP listener.
namespace medibridge::connectors::hl7 {

/// What the connections of a listener share.
class MllpShared {
  public:
    MllpShared(SourceEnvironment its, const Hl7Settings& its_settings, Inbox& its_inbox,
               MllpLimits its_limits)
        : name(std::move(its.name)),
          settings(its_settings),
          reader(its_settings, its.identity.default_region),
          inbox(its_inbox),
          executor(std::move(its.executor)),
          clock(its.clock),
          log(its.log),
          bounded(log, clock),
          limits(its_limits),
          on_arrival(std::move(its.on_arrival)),
          now(std::move(its.wall_clock)) {}

    /// Puts an arrival into the inbox; what is to be answered. One event at the start and one at
    /// the end of a time in which nothing can be stored.
    runtime::Task<std::string> store(Arrival arrival, std::string if_failed);
    /// Counts and reports what a message came to.
    void note(const Reading& reading);

    std::string name;
    Hl7Settings settings;
    MessageReader reader;
    Inbox& inbox;
    boost::asio::any_io_executor executor;
    runtime::Clock& clock;
    log::EventLog& log;
    BoundedLog bounded;
    MllpLimits limits;
    std::function<void()> on_arrival;
    WallClock now;
    MllpStats stats;

  private:
    void storing_works();
    void storing_fails(std::string reason);

    std::optional<runtime::TimePoint> failing_since_;
    bool skipped_before_ = false;
};

/// One sender. Reads, stores and answers, several messages at once and in their order.
class MllpConnection : public std::enable_shared_from_this<MllpConnection> {
  public:
    MllpConnection(std::shared_ptr<MllpShared> shared, std::unique_ptr<ByteStream> stream);

    /// Ends when the connection does and all that was read is stored. Never throws.
    runtime::Task<void> run();
    /// Reads nothing more: what was read is stored and answered, then it is closed.
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
