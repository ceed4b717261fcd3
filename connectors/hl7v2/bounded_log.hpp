#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace medibridge::connectors {

/// Lets a few events of each type through in each minute, so that a sender can flood no log. The
/// next one that is let through says how many were not.
class BoundedLog {
  public:
    static constexpr std::int64_t each_minute = 20;

    /// Both must outlive it.
    BoundedLog(log::EventLog& log, runtime::Clock& clock) : log_(log), clock_(clock) {}

    void write(const log::EventType& type, const std::string& source, std::string reason);

  private:
    struct Window {
        runtime::TimePoint begin{};
        std::int64_t written = 0;
        std::int64_t left_out = 0;
    };

    log::EventLog& log_;
    runtime::Clock& clock_;
    std::map<const log::EventType*, Window> windows_;
};

} // namespace medibridge::connectors
