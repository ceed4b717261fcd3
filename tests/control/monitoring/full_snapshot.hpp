#pragma once

#include "control/monitoring/snapshot.hpp"

namespace medibridge::monitoring::test {

/// Every metric has a value in it, and nothing stops the service.
inline Snapshot full_snapshot() {
    Snapshot it;
    it.now_ms = 1'800'000'000'000;
    it.started_ms = it.now_ms - 3'600'000;
    it.version = "1.2.3";
    it.commit = "0123abc";
    it.is_installed = true;
    it.interval_ms = 60'000;
    control::SideStatus medicapp;
    medicapp.name = "medicapp";
    medicapp.last_success_ms = it.now_ms - 1'000;
    control::SideStatus source;
    source.name = "adt";
    source.last_success_ms = it.now_ms - 2'500;
    it.live.sides = {medicapp, source};
    it.live.last_cycle_ms = it.now_ms - 1'000;
    it.live.last_complete_ms = it.now_ms - 1'000;
    it.live.next_full_compare_ms = it.now_ms + 1'000;
    it.pace = {12.5, 20.0, 0.25, 3, 2, 7};
    it.cycles_waiting = 1;
    it.state.emplace();
    it.state->linked = 41;
    it.state->waiting.to_decide = 2;
    it.state->waiting.excluded = 1;
    it.state->waiting.reasons[reconcile::HoldReason::deceased] = 1;
    it.state->waiting.reasons[reconcile::HoldReason::invalid] = 2;
    it.state->waiting.oldest_to_decide_ms = it.now_ms - 5'000;
    it.state->waiting.oldest_ms[reconcile::HoldReason::invalid] = it.now_ms - 5'000;
    it.state->watermarks["adt"] = reconcile::Instant(std::chrono::milliseconds(it.now_ms));
    it.state->inboxes["adt"] = {5, 4'096};
    it.state_bytes = 1 << 20;
    it.state_free_bytes = std::int64_t{1} << 40;
    const auto side = std::make_shared<figures::Side>();
    side->requests.note("GET", "200", 0.02);
    side->requests.note("GET", "429", 0.01);
    side->requests.note("POST", "timeout", 31);
    side->note_acknowledgement("AA", 0.004);
    side->certificate_ends = std::chrono::sys_seconds(std::chrono::seconds(1'900'000'000));
    side->own_certificate_ends = std::chrono::sys_seconds(std::chrono::seconds(1'850'000'000));
    side->token_ends = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'300));
    side->left = {"/srv/drop", {{"cannot be opened", 2}, {"it changes again and again", 1}}};
    it.sides = {side, std::make_shared<figures::Side>()};
    const auto commits = std::make_shared<figures::Histogram>(figures::commit_bounds);
    commits->note(0.002);
    it.commits = commits;
    it.cycles.patients.created = 41;
    it.cycles.durations.try_emplace("complete", figures::cycle_bounds).first->second.note(2);
    it.process = {1'799'996'400.5, 12.25, 30 << 20, 90 << 20, 21, 1024};
    return it;
}

} // namespace medibridge::monitoring::test
