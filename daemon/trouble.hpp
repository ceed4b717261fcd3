#pragma once

#include "base/runtime/clock.hpp"

#include <optional>

namespace medibridge::daemon {

/// Consecutive failed cycles: one episode, however many there are.
class Trouble {
  public:
    /// A cycle failed. True if that begins an episode.
    bool begin(runtime::TimePoint now);
    /// A cycle ended: how long the episode lasted, if there was one.
    std::optional<runtime::Duration> end(runtime::TimePoint now);

    /// How long to wait for the next cycle: the interval, twice as long after each further failure
    /// up to 10 minutes, never less than the interval.
    runtime::Duration pause(runtime::Duration interval) const;

  private:
    std::optional<runtime::TimePoint> since_;
    int failures_ = 0;
};

} // namespace medibridge::daemon
