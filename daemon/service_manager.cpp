#include "daemon/service_manager.hpp"

#include <cstdint>
#include <ctime>
#include <systemd/sd-daemon.h>

namespace medibridge::daemon {

void ServiceManager::ready() const {
    sd_notify(0, "READY=1");
}

void ServiceManager::reloading() const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1'000;
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", microseconds);
}

void ServiceManager::stopping() const {
    sd_notify(0, "STOPPING=1");
}

void ServiceManager::status(const std::string& text) const {
    sd_notifyf(0, "STATUS=%s", text.c_str());
}

void ServiceManager::feed_watchdog() const {
    sd_notify(0, "WATCHDOG=1");
}

std::optional<std::chrono::milliseconds> ServiceManager::watchdog_period() const {
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) return std::nullopt;
    // Half of what systemd allows, as sd_watchdog_enabled(3) advises.
    return std::chrono::milliseconds(microseconds / 2'000);
}

} // namespace medibridge::daemon
