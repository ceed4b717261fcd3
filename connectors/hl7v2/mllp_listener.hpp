#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"
#include "config/source_settings.hpp"
#include "connectors/hl7v2/mllp_stats.hpp"
#include "connectors/inbox/inbox.hpp"
#include "reconcile/instant.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace medibridge::connectors {

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
    std::size_t stray = 64u << 10;                ///< bytes outside of blocks: no MLLP is spoken
    std::chrono::milliseconds shortest_pause{50}; ///< before accepting again where that failed
    std::chrono::milliseconds longest_pause{2'000};
};

/// Receives HL7 v2 messages over MLLP, with TLS or without, and puts them into an inbox. A message
/// is answered with `AA` or `CA` only after the inbox has it. Answers keep the order of their
/// messages. All calls from the io thread.
class MllpListener {
  public:
    /// `inbox`, `clock` and `log` must outlive it; phone numbers are dialled from `region` (ISO
    /// 3166-1). Throws std::invalid_argument for settings that
    /// cannot work, and std::runtime_error if certificate or key cannot be used.
    MllpListener(std::string name, const config::Hl7Source& settings, Inbox& inbox,
                 boost::asio::any_io_executor executor, runtime::Clock& clock, log::EventLog& log,
                 MllpLimits limits = MllpLimits(), std::string region = "FR");
    /// stop() must have returned, if start() had.
    ~MllpListener();
    MllpListener(const MllpListener&) = delete;
    MllpListener& operator=(const MllpListener&) = delete;

    /// Called after each message that brought something new, once it is durable. Must not throw.
    void on_arrival(std::function<void()> call);
    /// The machine's wall clock unless another is given; it dates answers, and says what holds of
    /// what has a period.
    void set_wall_clock(std::function<reconcile::Instant()> now);

    /// Listens from now on. Throws std::runtime_error if the address cannot be had.
    void start();
    /// Accepts and reads nothing more; what was read is stored and answered, then connections are
    /// closed. Ends within the limits `write` and `linger` unless the inbox takes longer.
    runtime::Task<void> stop();

    /// Where it listens; 0 before start().
    std::uint16_t port() const;
    const MllpStats& stats() const;

  private:
    class Core;
    std::shared_ptr<Core> core_;
};

} // namespace medibridge::connectors
