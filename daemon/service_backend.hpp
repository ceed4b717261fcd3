#pragma once

#include "control/backend.hpp"
#include "daemon/cycle_queue.hpp"
#include "daemon/cycle_watch.hpp"
#include "daemon/installation.hpp"
#include "daemon/wall_clock.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace medibridge::daemon {

/// The service as the control API asks it. It speaks for one installation at a time.
class ServiceBackend final : public control::Backend {
  public:
    /// Both outlive it. `on_pause` is called when a pause begins or ends.
    ServiceBackend(const CycleWatch& watch, CycleQueue& queue, std::function<void()> on_pause)
        : watch_(&watch),
          queue_(&queue),
          on_pause_(std::move(on_pause)) {}

    /// Not while anything asks. Null: there is none.
    void attach(Installation* installation) { installation_ = installation; }
    /// Takes up the pause that the state remembers.
    runtime::Task<void> recall_pause();
    /// Whether no cycle is to begin by itself.
    bool is_paused() const;
    /// Until the pause ends; a long time if it has no end.
    runtime::Duration pause_left() const;
    /// Forgets a pause that has come to its time.
    void end_expired_pause();

    state::Database& database() override { return installation_->bridge.database(); }
    const reconcile::Digester& digester() const override { return installation_->keys.digester; }
    connectors::Medicapp& medicapp() override { return installation_->bridge.medicapp(); }
    const config::Settings& settings() const override { return installation_->settings; }
    control::Live live() const override;
    std::int64_t now_ms() const override { return wall_clock_ms(); }

    runtime::Task<control::CycleEnd> run_cycle(sync::Request request,
                                               sync::Observer& observer) override;
    runtime::Task<void> pause(control::Pause pause, state::Batch with) override;
    runtime::Task<void> resume(state::Batch with) override;
    runtime::Task<sync::Inquiry> inquire(std::string key) override {
        return installation_->bridge.inquire(std::move(key));
    }
    runtime::Task<std::string> decide(sync::Order order) override {
        return installation_->bridge.decide(std::move(order));
    }

  private:
    const CycleWatch* watch_;
    CycleQueue* queue_;
    std::function<void()> on_pause_;
    Installation* installation_ = nullptr;
    std::optional<control::Pause> pause_;
};

} // namespace medibridge::daemon
