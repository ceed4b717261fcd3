#pragma once

#include "control/backend.hpp"
#include "daemon/cycle_queue.hpp"
#include "daemon/cycle_watch.hpp"
#include "daemon/installation.hpp"
#include "daemon/wall_clock.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace medibridge::daemon {

/// The service as the control API asks it. It speaks for one installation at a time.
class ServiceBackend final : public control::Backend {
  public:
    /// Both outlive it. `on_pause` is called when a pause begins or ends,
    /// `on_new_keys` when the installation is to be made again with the keys of the state.
    ServiceBackend(std::filesystem::path config_file, const CycleWatch& watch, CycleQueue& queue,
                   std::function<void()> on_pause, std::function<void()> on_new_keys)
        : config_file_(std::move(config_file)),
          watch_(&watch),
          queue_(&queue),
          on_pause_(std::move(on_pause)),
          on_new_keys_(std::move(on_new_keys)) {}

    /// Not while anything asks. Null: there is none.
    void attach(Installation* installation) { installation_ = installation; }
    /// The configuration was read without a mistake, and this process, which has become another
    /// user, could not read its secrets again.
    void keep_findings(control::ConfigFindings findings) { findings_ = std::move(findings); }
    /// Takes up the pause that the state remembers, and the last cycle before this process.
    runtime::Task<void> recall();
    /// Whether no cycle is to begin by itself.
    bool is_paused() const;
    /// In words, why no cycle begins; only while it is paused.
    std::string pause_reason() const;
    /// Until the pause ends; a long time if it has no end.
    runtime::Duration pause_left() const;
    /// Forgets a pause that has come to its time.
    void end_expired_pause();

    state::Database& database() override { return installation_->bridge.database(); }
    const reconcile::Digester& digester() const override { return installation_->keys.digester; }
    log::EventLog& log() override { return *installation_->log; }
    connectors::Medicapp& medicapp() override { return installation_->bridge.medicapp(); }
    const config::Settings& settings() const override { return installation_->settings; }
    control::Live live() const override;
    std::int64_t now_ms() const override { return wall_clock_ms(); }

    runtime::Task<control::CycleEnd> run_cycle(sync::Request request,
                                               sync::Observer& observer) override;
    runtime::Task<void> pause(control::Pause pause, state::Batch with) override;
    runtime::Task<void> resume(state::Batch with) override;
    runtime::Task<sync::Inquiry> inquire(std::string key) override {
        return installation_->bridge.inquire(std::move(key), silent_sides());
    }
    runtime::Task<std::string> decide(sync::Order order) override {
        return installation_->bridge.decide(std::move(order), silent_sides());
    }
    runtime::Task<control::SourceLook> look_at_source(std::string name, control::LookLimits limits,
                                                      control::SeeRecords see) override {
        return installation_->bridge.look_at_source(std::move(name), limits, std::move(see));
    }
    runtime::Task<connectors::Reply<connectors::MedicappPage>>
    ask_medicapp(connectors::ListQuery query, std::chrono::milliseconds limit) override {
        return installation_->bridge.ask_medicapp(query, limit);
    }
    runtime::Task<connectors::Reply<connectors::MedicappPatient>>
    ask_medicapp_about(std::string medicapp_id) override {
        return installation_->bridge.ask_medicapp_about(std::move(medicapp_id));
    }
    runtime::Task<connectors::Reply<void>> erase_in_medicapp(std::string medicapp_id) override {
        return installation_->bridge.erase_in_medicapp(std::move(medicapp_id));
    }
    runtime::Task<connectors::Reply<connectors::Behaviour>> look_at_behaviour() override {
        return installation_->bridge.look_at_behaviour();
    }
    runtime::Task<connectors::Reply<connectors::Behaviour>>
    try_sentinel(std::string external_id) override {
        return installation_->bridge.try_sentinel(std::move(external_id));
    }
    runtime::Task<connectors::Reply<void>> remove_sentinels(std::string external_id) override {
        return installation_->bridge.remove_sentinels(std::move(external_id));
    }
    runtime::Task<control::StateKeyPlace> state_key() override;
    runtime::Task<control::KeyRotation> rotate_key(std::optional<state::KeyBytes> key,
                                                   state::AuditEntry line,
                                                   std::string abandoned) override;
    std::filesystem::path config_file() const override { return config_file_; }
    control::ConfigFindings check_config() const override;

  private:
    SilentSides silent_sides() const;

    std::filesystem::path config_file_;
    const CycleWatch* watch_;
    CycleQueue* queue_;
    std::function<void()> on_pause_;
    std::function<void()> on_new_keys_;
    Installation* installation_ = nullptr;
    std::optional<control::Pause> pause_;
    std::optional<control::FormerCycle> former_;
    std::optional<control::ConfigFindings> findings_; ///< nothing: the file is read again
};

} // namespace medibridge::daemon
