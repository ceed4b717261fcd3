#include "control/monitoring/readiness.hpp"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

namespace medibridge::monitoring {

namespace {

constexpr std::string_view medicapp_side = "medicapp";

std::string rfc3339(std::int64_t unix_ms) {
    return reconcile::format_rfc3339(reconcile::Instant(std::chrono::milliseconds(unix_ms)),
                                     reconcile::Precision::seconds);
}

std::string pause_words(const control::Pause& pause, const std::string& tool) {
    if (!pause.until_ms) return "until `" + tool + " resume`";
    return "until " + rfc3339(*pause.until_ms);
}

/// The last sign that everything was served, or that a long cycle comes on.
std::int64_t last_sign(const Snapshot& snapshot, std::int64_t limit_ms) {
    const auto& live = snapshot.live;
    const auto complete = live.last_complete_ms.value_or(snapshot.started_ms);
    if (!live.running || snapshot.now_ms - live.running->started_ms < limit_ms) return complete;
    return std::max(complete, live.running->progressed_ms);
}

bool is_stale(const Snapshot& snapshot) {
    const auto limit_ms = std::max(stale_intervals * snapshot.interval_ms, least_stale_ms);
    return snapshot.now_ms - last_sign(snapshot, limit_ms) > limit_ms;
}

std::string guard_words(const sync::GuardAlarm& alarm, const std::string& tool) {
    return alarm.guard + ": see `" + tool + " guard show`";
}

} // namespace

std::vector<Obstacle> obstacles(const Snapshot& snapshot) {
    std::vector<Obstacle> found;
    if (!snapshot.is_installed) {
        found.push_back({obstacle_reasons[0], {}, {}, "the configuration is being reloaded"});
        return found;
    }
    const auto& live = snapshot.live;
    if (live.pause)
        found.push_back({obstacle_reasons[1], {}, {}, pause_words(*live.pause, snapshot.tool)});
    for (const auto& side : live.sides) {
        const bool refused = side.name == medicapp_side && !snapshot.refusal.empty();
        if (refused)
            found.push_back({obstacle_reasons[2], side.name, side.down_since_ms,
                             snapshot.refusal + ": nothing is sent"});
        else if (!side.up)
            found.push_back({obstacle_reasons[3], side.name, side.down_since_ms, side.reason});
    }
    for (const auto& alarm : live.alarms)
        found.push_back({obstacle_reasons[4], alarm.source, {}, guard_words(alarm, snapshot.tool)});
    if (!live.failure.empty())
        found.push_back({obstacle_reasons[5], {}, live.last_cycle_ms, live.failure});
    if (!live.pause && is_stale(snapshot))
        found.push_back(
            {obstacle_reasons[6], {}, live.last_complete_ms, "no cycle was complete for too long"});
    return found;
}

std::string readiness_json(const std::vector<Obstacle>& found) {
    nlohmann::ordered_json answer;
    answer["ready"] = found.empty();
    answer["reasons"] = nlohmann::ordered_json::array();
    for (const auto& obstacle : found) {
        nlohmann::ordered_json one;
        one["reason"] = obstacle.reason;
        one["side"] = nullptr;
        if (!obstacle.side.empty()) one["side"] = obstacle.side;
        one["since"] = nullptr;
        if (obstacle.since_ms) one["since"] = rfc3339(*obstacle.since_ms);
        one["detail"] = obstacle.detail;
        answer["reasons"].push_back(std::move(one));
    }
    return answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace medibridge::monitoring
