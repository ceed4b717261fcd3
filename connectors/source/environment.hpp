#pragma once

#include "base/figures/meters.hpp"
#include "base/log/event.hpp"
#include "base/log/peer_word.hpp"
#include "base/runtime/clock.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

class Inbox;

/// The machine's date: for values that others check, and to judge times in the data.
using WallClock = std::function<reconcile::Instant()>;

/// How much may wait in a source's inbox. Beyond it, what senders send is refused until a cycle has
/// taken something. Sealed records are counted, one a patient.
struct InboxQuota {
    static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
    std::int64_t rows = unlimited;
    std::int64_t bytes = unlimited;
    int sender_percent = 100; ///< of both, for what one sender sent
};

/// What every source is made with, whatever its kind. The references outlive the source and its
/// readings.
struct SourceEnvironment {
    std::string name; ///< of the source, in logs and in the state
    boost::asio::any_io_executor executor;
    runtime::Clock& clock;
    log::EventLog& log;
    std::uint64_t seed = 0; ///< for the jitter of retries
    WallClock wall_clock;
    reconcile::IdentityPolicy identity = {};
    /// For what senders name themselves, such as messages and files.
    log::PeerWords words = {};
    /// Opens the source's inbox, for a kind that receives what senders push.
    std::function<std::unique_ptr<Inbox>(InboxQuota)> open_inbox = {};
    /// Nothing outside may be changed; the inbox is a temporary one.
    bool dry_run = false;
    /// Of one request, at most; nothing: as many as the kind makes. Where somebody waits for an
    /// answer, what went wrong matters more than a second attempt.
    std::optional<int> most_attempts = {};
    /// Called on the executor's thread when something has arrived that a reading would take. Must
    /// not throw. Empty: the program reads the source once and ends.
    std::function<void()> on_arrival = {};
    /// Where the source counts what it does. Never null.
    std::shared_ptr<figures::Side> figures = std::make_shared<figures::Side>();
};

} // namespace medibridge::connectors
