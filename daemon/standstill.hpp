#pragma once

#include "base/runtime/clock.hpp"
#include "control/backend.hpp"

#include <chrono>
#include <optional>

namespace medibridge::daemon {

/// A single run must come to an end also where a server asks for patience again and again (429):
/// after so long without a request that was taken, what is left is for a later run.
inline constexpr std::chrono::minutes standstill_limit{10};

/// Whether a run comes on, by what it has sent so far.
class Standstill {
  public:
    /// True: no request was taken for standstill_limit. To be told every now and then.
    bool note(const control::RequestCounts& sent, runtime::TimePoint now);

  private:
    std::optional<std::int64_t> taken_;
    runtime::TimePoint since_{};
};

} // namespace medibridge::daemon
