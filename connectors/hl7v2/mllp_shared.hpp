#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/concurrency.hpp"
#include "connectors/hl7v2/mllp_listener.hpp"
#include "connectors/hl7v2/reading.hpp"
#include "connectors/inbox/inbox.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

/// Internal to the MLLP listener.
namespace medibridge::connectors::hl7 {

/// Writes only a few events of each type a minute, so that no sender can flood the log. The next
/// event that is written says how many were left out.
class BoundedLog {
  public:
    static constexpr std::int64_t each_minute = 20;

    /// Both must outlive it.
    BoundedLog(log::EventLog& log, runtime::Clock& clock) : log_(log), clock_(clock) {}

    void write(const log::EventType& type, const std::string& source, std::string reason);

  private:
    struct Window {
        runtime::TimePoint begin{};
        std::int64_t written = 0;
        std::int64_t left_out = 0;
    };

    log::EventLog& log_;
    runtime::Clock& clock_;
    std::map<const log::EventType*, Window> windows_;
};

/// What the connections of a listener share.
class MllpShared {
  public:
    MllpShared(SourceEnvironment its, const Hl7Settings& its_settings, Inbox& its_inbox,
               MllpLimits its_limits)
        : name(std::move(its.name)),
          settings(its_settings),
          reader(its_settings, its.identity.default_region, std::move(its.words)),
          inbox(its_inbox),
          executor(std::move(its.executor)),
          clock(its.clock),
          log(its.log),
          bounded(log, clock),
          drained(executor),
          limits(its_limits),
          on_arrival(std::move(its.on_arrival)),
          now(std::move(its.wall_clock)),
          figures(std::move(its.figures)) {}

    /// Puts an arrival into the inbox and gives the answer. While nothing can be stored, logs one
    /// event at the start and one at the end.
    runtime::Task<std::string> store(Arrival arrival, std::string if_failed);
    /// Counts and logs what happened to a message.
    void note(const Reading& reading);

    std::string name;
    Hl7Settings settings;
    MessageReader reader;
    Inbox& inbox;
    boost::asio::any_io_executor executor;
    runtime::Clock& clock;
    log::EventLog& log;
    BoundedLog bounded;
    runtime::Signal drained; ///< of `pending`
    MllpLimits limits;
    std::function<void()> on_arrival;
    WallClock now;
    std::shared_ptr<figures::Side> figures;
    MllpStats stats;
    std::size_t pending = 0;    ///< bytes of messages that are being stored
    std::size_t unfinished = 0; ///< bytes of blocks that have not ended

  private:
    void storing_works();
    void storing_fails(std::string reason);
    void has_room(const std::string& sender);
    void is_full(const std::string& sender, Receipt::Full full);

    std::optional<runtime::TimePoint> failing_since_;
    /// Since when there is no room, for one sender, or under the empty name for all.
    std::map<std::string, runtime::TimePoint> full_since_;
    bool skipped_before_ = false;
};

} // namespace medibridge::connectors::hl7
