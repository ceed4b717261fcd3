#pragma once

#include <chrono>
#include <cstdint>

namespace medibridge::daemon {

/// Unix time of this machine in milliseconds.
inline std::int64_t wall_clock_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

} // namespace medibridge::daemon
