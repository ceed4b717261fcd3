#include "daemon/cycle_watch.hpp"

#include "daemon/wall_clock.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace medibridge::daemon {

namespace {

/// An answer that takes longer makes its side one that is tried.
constexpr std::chrono::milliseconds prompt{3'000};

/// What speaks against a side that is up as far as the last cycle tells; nothing: nothing does. An
/// attempt under way proves an outage only where it lasts longer than any that was answered.
struct Doubt {
    std::int64_t since_ms = 0;
    std::string what;
    std::int64_t limit_ms = std::chrono::milliseconds(control::trying_limit).count();
};
std::optional<Doubt> doubt_about(const figures::Side& attempts, std::int64_t now_ms) {
    Doubt doubt;
    if (attempts.failing) {
        doubt.since_ms = attempts.failing->since_ms;
        doubt.what = attempts.failing->what;
        return doubt;
    }
    const auto silent = attempts.silent_since_ms();
    if (!silent || now_ms - *silent < prompt.count()) return std::nullopt;
    doubt.since_ms = *silent;
    doubt.what = "it has not answered so far";
    doubt.limit_ms = std::max(doubt.limit_ms, attempts.patience_ms);
    return doubt;
}

} // namespace

void CycleWatch::set_sources(const std::vector<config::SourceSettings>& sources,
                             figures::Meters& meters) {
    auto former = std::exchange(live_.sides, {});
    attempts_.clear();
    const auto keep = [&](const std::string& name) {
        const auto known = std::ranges::find(former, name, &control::SideStatus::name);
        control::SideStatus fresh;
        fresh.name = name;
        live_.sides.push_back(known == former.end() ? std::move(fresh) : std::move(*known));
        attempts_.push_back(meters.side(name));
        // Of clients that are gone.
        attempts_.back()->note_answered();
        attempts_.back()->left.reset();
    };
    keep(medicapp_side);
    for (const auto& source : sources)
        keep(source.name);
}

control::Live CycleWatch::live(std::int64_t now_ms) const {
    auto live = live_;
    for (std::size_t i = 0; i < live.sides.size(); ++i) {
        auto& side = live.sides[i];
        side.left = attempts_[i]->left;
        const auto doubt = side.up ? doubt_about(*attempts_[i], now_ms) : std::nullopt;
        if (!doubt) continue;
        side.reason = doubt->what;
        if (now_ms - doubt->since_ms >= doubt->limit_ms) {
            side.up = false;
            side.down_since_ms = doubt->since_ms;
        } else {
            side.trying_since_ms = doubt->since_ms;
        }
    }
    return live;
}

std::vector<Outage> CycleWatch::new_outages(std::int64_t now_ms) {
    std::vector<Outage> fresh;
    const auto now = live(now_ms);
    for (std::size_t i = 0; i < now.sides.size(); ++i) {
        const auto& side = now.sides[i];
        if (side.up) {
            told_down_.erase(side.name);
            continue;
        }
        // What a cycle found, it has told.
        const bool is_known = !live_.sides[i].up;
        if (!told_down_.insert(side.name).second || is_known) continue;
        fresh.push_back({side.name, side.reason, now_ms - side.down_since_ms.value_or(now_ms)});
    }
    return fresh;
}

void CycleWatch::begin(std::int64_t now_ms, sync::Observer* listener) {
    listener_ = listener;
    live_.running = control::RunningCycle{now_ms, now_ms, {}};
    counted_ = {};
    watch_ = {};
    if (on_begin_) on_begin_();
}

void CycleWatch::end(const sync::Report& report, const MedicappCondition& medicapp,
                     std::int64_t now_ms) {
    count(report);
    close(now_ms, std::string(name(report.outcome)));
    live_.failure.clear();
    live_.last_report = report;
    live_.alarms = report.alarms;
    if (report.outcome == sync::Outcome::complete) live_.last_complete_ms = now_ms;
    for (const auto& source : report.sources)
        note(source.name, source.trouble, now_ms);
    note_medicapp(report, medicapp, now_ms);
}

/// Where the cycle served everybody else, what failed last was about one patient.
void CycleWatch::note_medicapp(const sync::Report& report, const MedicappCondition& medicapp,
                               std::int64_t now_ms) {
    if (medicapp.refused) {
        note(medicapp_side, medicapp.refusal, now_ms);
    } else if (medicapp.failing && report.halted) {
        note(medicapp_side, report.reason.empty() ? "it does not answer" : report.reason, now_ms);
    } else {
        note(medicapp_side, {}, now_ms);
    }
}

void CycleWatch::begin_arrivals(std::int64_t now_ms) {
    listener_ = nullptr;
    live_.running = control::RunningCycle{now_ms, now_ms, {}};
    counted_ = {};
}

void CycleWatch::end_arrivals(const sync::Report& report, const MedicappCondition& medicapp,
                              std::int64_t now_ms) {
    count(report);
    live_.running.reset();
    for (const auto& source : report.sources)
        note(source.name, source.trouble, now_ms);
    note_medicapp(report, medicapp, now_ms);
}

void CycleWatch::fail(const std::string& why, std::int64_t now_ms) {
    close(now_ms, "failed");
    live_.last_report.reset();
    live_.failure = why;
}

void CycleWatch::close(std::int64_t now_ms, const std::string& outcome) {
    figures_.durations.try_emplace(outcome, figures::cycle_bounds)
        .first->second.note(watch_.seconds());
    listener_ = nullptr;
    live_.running.reset();
    live_.last_cycle_ms = now_ms;
    ++live_.cycles;
}

/// What came since it was counted last: a first load takes hours, and is to be seen meanwhile.
void CycleWatch::count(const sync::Tally& so_far) {
    figures_.patients += so_far - counted_;
    counted_ = so_far;
}

void CycleWatch::note(const std::string& side, const std::string& trouble, std::int64_t now_ms) {
    const auto place = std::ranges::find(live_.sides, side, &control::SideStatus::name);
    if (place == live_.sides.end()) return;
    auto& attempts = *attempts_[static_cast<std::size_t>(place - live_.sides.begin())];
    place->reason = trouble;
    place->up = trouble.empty();
    if (place->up) {
        // What failed was about one patient.
        attempts.note_answered();
        place->last_success_ms = now_ms;
        place->down_since_ms.reset();
    } else if (!place->down_since_ms) {
        place->down_since_ms = attempts.failing ? attempts.failing->since_ms : now_ms;
    }
}

void CycleWatch::acted(const std::string& external_id, sync::Action action,
                       const std::string& detail) {
    if (listener_) listener_->acted(external_id, action, detail);
}

void CycleWatch::planned(const sync::PlannedWrite& write) {
    if (listener_) listener_->planned(write);
}

void CycleWatch::left_out(const std::string& external_id, const std::string& reason) {
    if (listener_) listener_->left_out(external_id, reason);
}

void CycleWatch::concluded(const sync::Conclusion& conclusion) {
    if (listener_) listener_->concluded(conclusion);
}

void CycleWatch::progressed(const sync::Report& so_far) {
    if (live_.running) {
        live_.running->so_far = static_cast<const sync::Tally&>(so_far);
        live_.running->progressed_ms = wall_clock_ms();
    }
    count(so_far);
    if (listener_) listener_->progressed(so_far);
    if (on_progress_) on_progress_();
}

} // namespace medibridge::daemon
