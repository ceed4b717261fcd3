#include "daemon/status_text.hpp"

#include "config/site.hpp"
#include "daemon/results.hpp"
#include "reconcile/instant.hpp"

#include <chrono>
#include <fmt/format.h>

namespace medibridge::daemon {

namespace {

std::string time_text(std::int64_t unix_ms) {
    return reconcile::format_rfc3339(reconcile::Instant(std::chrono::milliseconds(unix_ms)),
                                     reconcile::Precision::seconds);
}

/// `1234567` as `1,234,567`.
std::string grouped(std::int64_t number) {
    auto text = std::to_string(number);
    for (auto place = static_cast<int>(text.size()) - 3; place > 0; place -= 3)
        text.insert(static_cast<std::size_t>(place), 1, ',');
    return text;
}

std::string tally_text(const sync::Tally& tally) {
    std::string text;
    const auto add = [&](std::int64_t count, const char* word) {
        if (count > 0) text += (text.empty() ? "" : ", ") + grouped(count) + ' ' + word;
    };
    add(tally.created, "created");
    add(tally.updated, "updated");
    add(tally.linked, "linked");
    add(tally.unchanged, "examined without a write");
    add(tally.held, "held");
    return text.empty() ? "reading" : text;
}

/// Of the cycle that ended last; empty: none has.
std::string ending_text(const control::Live& live) {
    if (!live.failure.empty()) return "last cycle failed: " + live.failure;
    if (!live.last_report) return {};
    const auto& report = *live.last_report;
    auto text = "last cycle: " + std::string(name(report.outcome));
    const auto down = unreadable_sources(report);
    if (!report.reason.empty())
        text += ": " + report.reason;
    else if (!down.empty())
        text += "; sources that cannot be read: " + down;
    return text;
}

/// Of the sides that do not answer; `said`: what the line says already.
std::string sides_text(const std::vector<control::SideStatus>& sides, const std::string& said) {
    std::string text;
    for (const auto& side : sides) {
        const auto& since = side.up ? side.trying_since_ms : side.down_since_ms;
        if (side.up && !since) continue;
        text += (text.empty() ? "" : "; ") + side.name + (side.up ? ": trying" : ": down");
        if (since) text += " since " + time_text(*since);
        if (!side.reason.empty() && !said.contains(side.reason)) text += ": " + side.reason;
    }
    return text;
}

/// Where the last cycle was complete, that says it already.
std::string last_complete_text(const control::Live& live, std::int64_t now_ms) {
    if (!live.last_complete_ms) return "no complete cycle since the start";
    return "last complete cycle " + age_text(now_ms - *live.last_complete_ms) + " ago";
}

} // namespace

std::string end_of(const control::Pause& pause) {
    if (!pause.until_ms) return "until it is resumed";
    return "until " + time_text(*pause.until_ms);
}

std::string status_text(const control::Live& live, const std::optional<state::Waiting>& waiting,
                        std::int64_t now_ms) {
    std::string text;
    const auto add = [&](const std::string& part) {
        if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
    };
    if (live.pause) add("paused " + end_of(*live.pause));
    if (live.running) {
        const char* which = live.last_cycle_ms ? "cycle" : "first cycle";
        add(fmt::format("{}: {} …", which, tally_text(live.running->so_far)));
    }
    const bool is_complete =
        live.last_report && live.last_report->outcome == sync::Outcome::complete;
    if (!live.running || (live.last_cycle_ms && !is_complete)) add(ending_text(live));
    add(sides_text(live.sides, text));
    if (waiting) add(waiting_text(*waiting, now_ms));
    if (live.last_cycle_ms) add(last_complete_text(live, now_ms));
    return text.empty() ? "starting" : text;
}

void StatusLine::show() {
    shown_at_ = std::chrono::steady_clock::now();
    auto text = status_text(backend_->live(), waiting_, backend_->now_ms());
    if (!refusal_.empty()) text = refusal_ + "; " + text;
    text = config::addressed(text, backend_->config_file());
    if (text == shown_) return;
    manager_->status(text);
    shown_ = std::move(text);
}

void StatusLine::note_refusal(std::string text) {
    const bool changed = text != refusal_;
    refusal_ = std::move(text);
    if (changed && !refusal_.empty()) show();
}

void StatusLine::show_progress() {
    constexpr std::chrono::seconds pause{1};
    if (std::chrono::steady_clock::now() - shown_at_ >= pause) show();
}

} // namespace medibridge::daemon
