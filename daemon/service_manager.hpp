#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace medibridge::daemon {

/// Reports the service's status to systemd; without systemd every call does nothing.
class ServiceManager {
  public:
    void ready() const;
    void reloading() const;
    void stopping() const;
    void status(const std::string& text) const;
    void feed_watchdog() const;
    /// How often the watchdog must be fed; nothing if there is none.
    std::optional<std::chrono::milliseconds> watchdog_period() const;
};

} // namespace medibridge::daemon
