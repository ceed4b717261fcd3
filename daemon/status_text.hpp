#pragma once

#include "control/backend.hpp"
#include "daemon/service_manager.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace medibridge::daemon {

/// What systemd shows of the service in one line: the running cycle, or how the last one ended and
/// why, which side does not answer, who is held, the last complete cycle, a pause. `waiting`:
/// nothing until it was counted. `now_ms`: Unix time of this machine.
std::string status_text(const control::Live& live, const std::optional<state::Waiting>& waiting,
                        std::int64_t now_ms);

/// Keeps systemd's line up to date: it is sent where it has changed.
class StatusLine {
  public:
    /// All outlive it.
    StatusLine(const ServiceManager& manager, const control::Backend& backend)
        : manager_(&manager),
          backend_(&backend) {}

    void note_waiting(state::Waiting waiting) { waiting_ = std::move(waiting); }
    const std::optional<state::Waiting>& waiting() const { return waiting_; }
    /// Stands before the rest from now on; empty: no longer.
    void note_refusal(std::string text);
    void show();
    /// The same, at most once a second.
    void show_progress();

  private:
    const ServiceManager* manager_;
    const control::Backend* backend_;
    std::optional<state::Waiting> waiting_;
    std::string refusal_;
    std::string shown_;
    std::chrono::steady_clock::time_point shown_at_{};
};

/// `until it is resumed`, or `until` a time.
std::string end_of(const control::Pause& pause);

} // namespace medibridge::daemon
