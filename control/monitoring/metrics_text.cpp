#include "control/monitoring/metrics_text.hpp"

#include "control/left_files.hpp"
#include "control/monitoring/catalogue.hpp"
#include "control/monitoring/readiness.hpp"
#include "reconcile/hold.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace medibridge::monitoring {

namespace {

using Values = std::vector<std::string>;

double unix_seconds(std::int64_t unix_ms) {
    return static_cast<double>(unix_ms) / 1000;
}

double unix_seconds(std::chrono::sys_seconds time) {
    return static_cast<double>(time.time_since_epoch().count());
}

std::vector<std::string> parts_of(std::string_view labels) {
    std::vector<std::string> names;
    while (!labels.empty()) {
        const auto comma = std::min(labels.find(','), labels.size());
        names.emplace_back(labels.substr(0, comma));
        labels.remove_prefix(std::min(comma + 1, labels.size()));
    }
    return names;
}

prometheus::MetricType type_of(Metric::Type type) {
    switch (type) {
    case Metric::Type::counter:
        return prometheus::MetricType::Counter;
    case Metric::Type::gauge:
        return prometheus::MetricType::Gauge;
    case Metric::Type::histogram:
        return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

/// The catalogue's families, filled in.
class Families {
  public:
    Families() {
        for (const auto& metric : catalogue()) {
            prometheus::MetricFamily family;
            family.name = std::string(metric.name);
            family.help = std::string(metric.help);
            family.type = type_of(metric.type);
            places_[metric.name] = {families_.size(), parts_of(metric.labels)};
            families_.push_back(std::move(family));
        }
    }

    void set(std::string_view metric, double value, const Values& labels = {}) {
        auto& sample = add(metric, labels);
        sample.counter.value = value;
        sample.gauge.value = value;
    }
    void set(std::string_view metric, std::int64_t value, const Values& labels = {}) {
        set(metric, static_cast<double>(value), labels);
    }
    void set(std::string_view metric, bool value, const Values& labels = {}) {
        set(metric, value ? 1.0 : 0.0, labels);
    }
    void set_time(std::string_view metric, std::optional<std::int64_t> unix_ms,
                  const Values& labels = {}) {
        if (unix_ms) set(metric, unix_seconds(*unix_ms), labels);
    }
    void set(std::string_view metric, const figures::Histogram& histogram,
             const Values& labels = {}) {
        auto& shown = add(metric, labels).histogram;
        std::uint64_t so_far = 0;
        for (std::size_t i = 0; i < histogram.counts().size(); ++i) {
            so_far += static_cast<std::uint64_t>(histogram.counts()[i]);
            const bool is_last = i == histogram.bounds().size();
            shown.bucket.push_back({so_far, is_last ? std::numeric_limits<double>::infinity()
                                                    : histogram.bounds()[i]});
        }
        shown.sample_count = so_far;
        shown.sample_sum = histogram.sum();
    }

    std::string text() const {
        std::vector<prometheus::MetricFamily> shown;
        std::ranges::copy_if(families_, std::back_inserter(shown),
                             [](const auto& family) { return !family.metric.empty(); });
        return prometheus::TextSerializer().Serialize(shown);
    }

  private:
    prometheus::ClientMetric& add(std::string_view metric, const Values& labels) {
        const auto& [place, names] = places_.at(metric);
        if (names.size() != labels.size())
            throw std::logic_error("labels of " + std::string(metric));
        auto& sample = families_[place].metric.emplace_back();
        for (std::size_t i = 0; i < names.size(); ++i)
            sample.label.push_back({names[i], labels[i]});
        return sample;
    }

    std::vector<prometheus::MetricFamily> families_;
    std::map<std::string_view, std::pair<std::size_t, std::vector<std::string>>> places_;
};

void show_readiness(Families& out, const Snapshot& snapshot) {
    const auto found = obstacles(snapshot);
    out.set("medibridge_ready", found.empty());
    for (const auto reason : obstacle_reasons)
        out.set("medibridge_obstacle",
                std::ranges::find(found, reason, &Obstacle::reason) != found.end(),
                {std::string(reason)});
}

void show_side(Families& out, const control::SideStatus& status, const figures::Side& side) {
    const Values it{status.name};
    out.set("medibridge_side_up", status.up, it);
    out.set_time("medibridge_side_last_success_timestamp_seconds", status.last_success_ms, it);
    out.set_time("medibridge_side_trying_since_timestamp_seconds", status.trying_since_ms, it);
    out.set_time("medibridge_side_down_since_timestamp_seconds", status.down_since_ms, it);
    for (const auto& [what, count] : side.requests.answers)
        out.set("medibridge_requests_total", count, {status.name, what.first, what.second});
    for (const auto& [method, durations] : side.requests.durations)
        out.set("medibridge_request_duration_seconds", durations, {status.name, method});
    for (const auto& [code, durations] : side.acknowledgements)
        out.set("medibridge_acknowledgement_duration_seconds", durations, {status.name, code});
    if (side.left) out.set("medibridge_left_files", control::count_of(*side.left), it);
    if (side.certificate_ends)
        out.set("medibridge_certificate_expiry_timestamp_seconds",
                unix_seconds(*side.certificate_ends), it);
    if (side.own_certificate_ends)
        out.set("medibridge_listener_certificate_expiry_timestamp_seconds",
                unix_seconds(*side.own_certificate_ends), it);
    if (side.token_ends)
        out.set("medibridge_token_expiry_timestamp_seconds", unix_seconds(*side.token_ends), it);
}

void show_pace(Families& out, const Snapshot& snapshot) {
    const auto& pace = snapshot.pace;
    if (pace.rate) out.set("medibridge_medicapp_rate_requests_per_second", *pace.rate);
    if (pace.limit_found)
        out.set("medibridge_medicapp_limit_found_requests_per_second", *pace.limit_found);
    out.set("medibridge_medicapp_pauses_total", pace.pauses);
    out.set("medibridge_medicapp_pause_left_seconds", pace.pause_left_s);
    out.set("medibridge_medicapp_requests_in_flight", pace.under_way);
    out.set("medibridge_medicapp_requests_waiting", pace.waiting);
    out.set("medibridge_credentials_refused", !snapshot.refusal.empty());
}

void show_cycles(Families& out, const Snapshot& snapshot) {
    const auto& tally = snapshot.cycles.patients;
    const auto patients = [&](const char* outcome, std::int64_t count) {
        out.set("medibridge_patients_total", count, {outcome});
    };
    patients("created", tally.created);
    patients("updated", tally.updated);
    patients("linked", tally.linked);
    patients("unchanged", tally.unchanged);
    patients("held", tally.held);
    patients("deferred", tally.deferred);
    for (const auto& [outcome, durations] : snapshot.cycles.durations)
        out.set("medibridge_cycle_duration_seconds", durations, {outcome});
    const auto& live = snapshot.live;
    out.set("medibridge_cycle_running", live.running.has_value());
    out.set_time("medibridge_cycle_last_end_timestamp_seconds", live.last_cycle_ms);
    out.set_time("medibridge_cycle_last_complete_timestamp_seconds", live.last_complete_ms);
    out.set("medibridge_cycles_waiting", snapshot.cycles_waiting);
    out.set_time("medibridge_next_full_compare_timestamp_seconds", live.next_full_compare_ms);
    out.set("medibridge_paused", live.pause.has_value());
    for (const auto& alarm : live.alarms)
        out.set("medibridge_guard_stopped", true, {alarm.guard});
}

void show_state(Families& out, const StateNumbers& numbers) {
    out.set("medibridge_linked_patients", numbers.linked);
    // All of them: a series that is absent until the first such patient has no increase then.
    for (int i = 0; i <= static_cast<int>(reconcile::HoldReason::altered_in_state); ++i) {
        const auto reason = static_cast<reconcile::HoldReason>(i);
        const auto count = numbers.waiting.reasons.find(reason);
        out.set("medibridge_held_patients",
                count == numbers.waiting.reasons.end() ? 0 : count->second,
                {std::string(name(reason))});
    }
    for (const auto& [reason, at_ms] : numbers.waiting.oldest_ms)
        out.set_time("medibridge_oldest_held_timestamp_seconds", at_ms,
                     {std::string(name(reason))});
    out.set("medibridge_waiting_patients", numbers.waiting.to_decide, {"to_decide"});
    out.set("medibridge_waiting_patients", numbers.waiting.excluded, {"excluded"});
    if (numbers.waiting.oldest_to_decide_ms > 0)
        out.set_time("medibridge_oldest_to_decide_timestamp_seconds",
                     numbers.waiting.oldest_to_decide_ms);
    for (const auto& [side, mark] : numbers.watermarks)
        out.set("medibridge_watermark_timestamp_seconds",
                unix_seconds(mark.time_since_epoch().count()), {side});
    for (const auto& [source, load] : numbers.inboxes) {
        out.set("medibridge_inbox_records", load.rows, {source});
        out.set("medibridge_inbox_bytes", load.bytes, {source});
    }
}

void show_process(Families& out, const ProcessNumbers& process) {
    out.set("process_start_time_seconds", process.started_s);
    out.set("process_cpu_seconds_total", process.cpu_s);
    out.set("process_resident_memory_bytes", process.resident_bytes);
    out.set("process_virtual_memory_bytes", process.virtual_bytes);
    out.set("process_open_fds", process.open_descriptors);
    out.set("process_max_fds", process.most_descriptors);
}

} // namespace

std::string metrics_text(const Snapshot& snapshot) {
    Families out;
    out.set("medibridge_build_info", true, {snapshot.version, snapshot.commit});
    show_readiness(out, snapshot);
    show_process(out, snapshot.process);
    if (!snapshot.is_installed) return out.text();
    out.set("medibridge_sync_interval_seconds", unix_seconds(snapshot.interval_ms));
    for (std::size_t i = 0; i < snapshot.sides.size(); ++i)
        show_side(out, snapshot.live.sides[i], *snapshot.sides[i]);
    show_pace(out, snapshot);
    show_cycles(out, snapshot);
    if (snapshot.state) show_state(out, *snapshot.state);
    out.set("medibridge_commit_duration_seconds", *snapshot.commits);
    out.set("medibridge_state_size_bytes", snapshot.state_bytes);
    out.set("medibridge_state_free_bytes", snapshot.state_free_bytes);
    return out.text();
}

} // namespace medibridge::monitoring
