#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "control/backend.hpp"

#include <cstdint>
#include <optional>

namespace medibridge::daemon {

/// Once an hour, what cycles did since the last time: idle ones are not told one by one, and a
/// first load may take a night.
class Heartbeat {
  public:
    static constexpr std::chrono::hours period{1};

    explicit Heartbeat(runtime::TimePoint now) : due_(now + period) {}

    void note_end(const sync::Report& report);
    runtime::TimePoint due() const { return due_; }
    /// Nothing: it is not time. The running cycle counts as far as it is.
    std::optional<log::Event> beat(runtime::TimePoint now, const control::Live& live,
                                   const std::optional<state::Waiting>& waiting);

  private:
    runtime::TimePoint due_;
    sync::Tally ended_;   ///< of cycles that ended since the last beat
    sync::Tally counted_; ///< of the running cycle, what former beats told
};

} // namespace medibridge::daemon
