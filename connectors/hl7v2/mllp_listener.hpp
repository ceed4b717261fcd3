#pragma once

#include "connectors/hl7v2/kind.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/inbox/source.hpp"
#include "connectors/source/environment.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace medibridge::connectors {

/// What a listener has done since its start.
class MllpStats {
  public:
    std::int64_t messages = 0;    ///< complete ones received
    std::int64_t stored = 0;      ///< made durable, repetitions not counted
    std::int64_t repeated = 0;    ///< had come before: the first answer again
    std::int64_t faulty = 0;      ///< of those stored: their data can never be used
    std::int64_t skipped = 0;     ///< of those stored: MSH-11 is another than ours
    std::int64_t refused = 0;     ///< `AR`: not ours, or no HL7
    std::int64_t failed = 0;      ///< `AE`: could not be stored, or no room
    std::int64_t cut = 0;         ///< blocks that did not come to their end
    std::int64_t bytes = 0;       ///< received
    std::int64_t connections = 0; ///< accepted
    std::int64_t open = 0;        ///< connections now
    std::int64_t turned_away = 0; ///< connections over the limit, or not allowed
    std::int64_t made_room = 0;   ///< silent connections closed for another
};

/// What the configuration leaves to the program.
class MllpLimits {
  public:
    std::chrono::milliseconds handshake{10'000};  ///< of TLS
    std::chrono::milliseconds message{60'000};    ///< from a message's first byte to its last
    std::chrono::milliseconds block_end{1'000};   ///< for what may follow an FS without CR
    std::chrono::milliseconds write{30'000};      ///< for a sender to take its answers
    std::chrono::milliseconds linger{1'000};      ///< for a sender to close, once all is answered
    std::size_t pipelined = 64;                   ///< messages of one connection on their way
    std::size_t batch = 5'000;                    ///< messages of one batch
    std::size_t small = 64u << 10;                ///< bytes of a message that always has room
    std::size_t pending = 1u << 20;               ///< bytes of one connection on their way
    std::size_t all_pending = 8u << 20;           ///< of all connections
    std::size_t unfinished = 16u << 20;           ///< bytes of blocks that have not ended, of all
    std::size_t drain = 64u << 20;                ///< of a block that is refused; then it is closed
    std::chrono::milliseconds silent{10'000};     ///< a known sender, before it makes room
    std::size_t stray = 64u << 10;                ///< bytes outside of blocks: no MLLP is spoken
    std::chrono::milliseconds shortest_pause{50}; ///< before accepting again where that failed
    std::chrono::milliseconds longest_pause{2'000};
};

/// Receives HL7 v2 messages over MLLP, with TLS or without, and puts them into an inbox. A message
/// is answered with `AA` or `CA` only after the inbox has it. Answers keep the order of their
/// messages. All calls from the io thread.
class MllpListener final : public InboxFeed {
  public:
    /// `inbox` must outlive it. Throws as SourceKind::make().
    MllpListener(SourceEnvironment its, const Hl7Settings& settings, Inbox& inbox,
                 MllpLimits limits = MllpLimits());
    /// stop() must have returned, if start() had.
    ~MllpListener() override;
    MllpListener(const MllpListener&) = delete;
    MllpListener& operator=(const MllpListener&) = delete;

    /// Starts to listen. Throws std::runtime_error if it cannot listen on the address.
    void start() override;
    /// Accepts and reads nothing more; stores and answers what was read, then closes the
    /// connections. Ends within the limits `write` and `linger` unless the inbox takes longer.
    runtime::Task<void> stop() override;

    /// Where it listens; 0 before start().
    std::uint16_t port() const;
    const MllpStats& stats() const;

  private:
    class Core;
    std::shared_ptr<Core> core_;
};

} // namespace medibridge::connectors
