#pragma once

#include "base/log/event.hpp"
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

/// The machine's date: for what others check, and to judge what is said of times.
using WallClock = std::function<reconcile::Instant()>;

/// What a source is made with, of whatever kind it is. What it refers to outlives the source and
/// what is under way in it.
struct SourceEnvironment {
    std::string name; ///< of the source, in logs and in the state
    boost::asio::any_io_executor executor;
    runtime::Clock& clock;
    log::EventLog& log;
    std::uint64_t seed = 0; ///< for the jitter of retries
    WallClock wall_clock;
    reconcile::IdentityPolicy identity = {};
    /// Opens the source's inbox, for a kind to which senders push.
    std::function<std::unique_ptr<Inbox>()> open_inbox = {};
    /// Nothing may be changed outside; the inbox is one that is thrown away.
    bool dry_run = false;
    /// Called, on the executor's thread, when something has arrived that a reading would take. Must
    /// not throw. Empty: nobody waits for it, and the source runs once.
    std::function<void()> on_arrival = {};
};

} // namespace medibridge::connectors
