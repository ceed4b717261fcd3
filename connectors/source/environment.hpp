#pragma once

#include "base/log/event.hpp"
#include "base/log/peer_word.hpp"
#include "base/runtime/clock.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace medibridge::connectors {

class Inbox;

/// The machine's date: for values that others check, and to judge times in the data.
using WallClock = std::function<reconcile::Instant()>;

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
    std::function<std::unique_ptr<Inbox>()> open_inbox = {};
    /// Nothing outside may be changed; the inbox is a temporary one.
    bool dry_run = false;
    /// Called on the executor's thread when something has arrived that a reading would take. Must
    /// not throw. Empty: the program reads the source once and ends.
    std::function<void()> on_arrival = {};
};

} // namespace medibridge::connectors
