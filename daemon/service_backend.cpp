#include "daemon/service_backend.hpp"

#include "base/log/catalogue.hpp"
#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/state_keys.hpp"
#include "daemon/status_text.hpp"
#include "reconcile/instant.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

namespace medibridge::daemon {

using control::Pause;
using runtime::Task;

namespace {

constexpr const char* pause_key = "paused_until_ms";
/// Of a pause without an end.
constexpr const char* no_end = "resume";

std::string pause_text(const Pause& pause) {
    return pause.until_ms ? std::to_string(*pause.until_ms) : no_end;
}

/// What is not a time is a pause without an end, which somebody then ends.
Pause pause_in(const std::string& text) {
    std::int64_t until = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, until);
    Pause pause;
    if (read.ec == std::errc() && read.ptr == end) pause.until_ms = until;
    return pause;
}

} // namespace

Task<void> ServiceBackend::recall() {
    former_ = co_await installation_->bridge.last_cycle();
    auto job = [](state::Store& store) { return store.meta(pause_key); };
    const auto text = co_await database().run(std::move(job));
    pause_.reset();
    if (!text.empty()) pause_ = pause_in(text);
}

bool ServiceBackend::is_paused() const {
    return pause_ && (!pause_->until_ms || now_ms() < *pause_->until_ms);
}

std::string ServiceBackend::pause_reason() const {
    return "an operator paused cycles (" + end_of(*pause_) + "): none begins; medibridgectl resume";
}

runtime::Duration ServiceBackend::pause_left() const {
    if (!pause_ || !pause_->until_ms) return std::chrono::hours(24);
    return std::max(runtime::Duration(*pause_->until_ms - now_ms()), runtime::Duration(1));
}

/// What the state remembers of it is over, too.
void ServiceBackend::end_expired_pause() {
    if (!pause_ || is_paused()) return;
    pause_.reset();
    installation_->log->write(log::Event(log::events::service_resumed));
}

control::Live ServiceBackend::live() const {
    auto live = watch_->live(now_ms());
    const auto& bridge = installation_->bridge;
    if (is_paused()) live.pause = pause_;
    live.former = former_;
    live.next_full_compare_ms = bridge.next_full_compare_ms();
    if (!live.sides.empty()) live.sides.front().rate = bridge.condition().rate;
    return live;
}

SilentSides ServiceBackend::silent_sides() const {
    SilentSides silent;
    for (const auto& side : watch_->live(now_ms()).sides)
        if (!side.up || side.trying_since_ms) silent.insert(side.name);
    return silent;
}

Task<control::CycleEnd> ServiceBackend::run_cycle(sync::Request request, sync::Observer& observer) {
    const auto alarms = watch_->live(now_ms()).alarms;
    if (!alarms.empty() && request.accept_changes) {
        // As they were counted, or the cycle is stopped before it comes to them.
        const auto& alarm = alarms.front();
        request.accept_mapping.add(alarm.mapping_accepted);
        request.accept_rewind.add(alarm.rewind_accepted);
        request.accept_space.add(alarm.space_accepted);
        request.full = request.full || request.accept_mapping.given() ||
                       request.accept_rewind.given() || request.accept_space.given();
    }
    return queue_->ask(std::move(request), observer);
}

control::ConfigFindings ServiceBackend::check_config() const {
    if (findings_) return *findings_;
    const auto loaded =
        config::load(config_file_, config::process_environment(), connectors::source_kinds());
    control::ConfigFindings findings;
    for (const auto& mistake : loaded.mistakes)
        findings.mistakes.push_back(mistake.to_string());
    for (const auto& advice : loaded.advice)
        findings.advice.push_back(advice.to_string());
    return findings;
}

Task<void> ServiceBackend::pause(Pause pause, state::Batch with) {
    with.put_meta(pause_key, pause_text(pause));
    co_await database().commit(std::move(with));
    pause_ = pause;
    installation_->log->write(
        log::Event(log::events::service_paused).with(log::Key::reason, end_of(pause)));
    installation_->bridge.end_cycle("an operator paused the service: the rest follows after that");
    on_pause_();
}

Task<void> ServiceBackend::resume(state::Batch with) {
    with.put_meta(pause_key, {});
    co_await database().commit(std::move(with));
    const bool was_paused = pause_.has_value();
    pause_.reset();
    if (was_paused) installation_->log->write(log::Event(log::events::service_resumed));
    on_pause_();
}

Task<control::StateKeyPlace> ServiceBackend::state_key() {
    auto job = [settings = installation_->settings.state](state::Store&) {
        return state_key_place(settings);
    };
    co_return co_await database().run(std::move(job));
}

Task<control::KeyRotation> ServiceBackend::rotate_key(std::optional<state::KeyBytes> key,
                                                      state::AuditEntry line,
                                                      std::string abandoned) {
    auto job = [settings = installation_->settings.state, key = std::move(key),
                line = std::move(line), abandoned = std::move(abandoned)](state::Store& store) {
        return rotate_state_key(settings, {key, line, abandoned}, store);
    };
    auto done = co_await database().run(std::move(job));
    installation_->log->write(
        log::Event(log::events::state_key_rotated).with(log::Key::reason, done.key));
    on_new_keys_();
    co_return done;
}

} // namespace medibridge::daemon
