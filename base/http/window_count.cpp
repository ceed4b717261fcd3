#include "base/http/window_count.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace medibridge::http {
namespace {

/// Seconds. A longer one would hold everybody up for longer than any pause.
constexpr std::array usual_windows{1., 2., 5., 10., 15., 20., 30., 60., 120., 300.};
/// The first probe waits this much longer: what was just learnt is true.
constexpr double no_probe_s = 30;
constexpr double shortest_between_probes_s = 10;
constexpr double longest_between_probes_s = 20;
/// A probe may cost one request in so many …
constexpr double requests_per_probe = 250;
/// … and the time that it loses times this is the time until the next one.
constexpr double time_per_loss = 80;
/// Requests arrive this much closer together than they were sent.
constexpr double jitter_s = 0.01;
constexpr double jitter_part = 0.002;
/// Refusals within the known count, within this time of each other, after which it does not hold.
constexpr int most_unexpected = 3;
constexpr double unexpected_within_s = 60;

} // namespace

double usual_window(double least, double most) {
    constexpr double inexact = 0.05;
    double nearest = usual_windows.front();
    for (const double window : usual_windows) {
        if (window >= least - inexact && window <= most + inexact) return window;
        if (std::abs(window - most) < std::abs(nearest - most)) nearest = window;
    }
    return nearest;
}

WindowCount::WindowCount(double count, double window_s)
    : count_(count),
      allowed_(count),
      window_s_(window_s),
      since_probe_s_(-no_probe_s),
      probe_every_s_(shortest_between_probes_s) {}

void WindowCount::set(double count, double window_s) {
    count_ = allowed_ = std::max(1.0, std::round(count));
    window_s_ = window_s;
    probing_ = false;
    since_probe_s_ = 0;
}

double WindowCount::remembered_s() const {
    return window_s_ * (1 + jitter_part) + jitter_s;
}

double WindowCount::counted(const SentLog& sent, Moment now) const {
    return static_cast<double>(sent.sent_after(now - milliseconds_of(remembered_s())));
}

Moment WindowCount::opens_at(const SentLog& sent, Moment now) const {
    const auto number = static_cast<std::size_t>(count_);
    if (sent.size() < number) return now;
    return std::max(now, sent.last(number) + milliseconds_of(remembered_s()));
}

std::optional<Moment> WindowCount::ready_at(const SentLog& sent, Moment now, int under_way) {
    const double used = counted(sent, now);
    if (!probing_ && used >= allowed_ && since_probe_s_ >= probe_every_s_) {
        probing_ = true;
        count_ = allowed_;
        step_ = 0;
        allowed_ += 1;
    }
    if (used < allowed_) return now;
    if (probing_ && used > count_ && under_way > 0) return std::nullopt;
    const auto first = sent.last(static_cast<std::size_t>(allowed_));
    return std::max(now + std::chrono::milliseconds(1), first + milliseconds_of(remembered_s()));
}

void WindowCount::all_taken(const SentLog& sent, Moment now) {
    if (!probing_ || counted(sent, now) < allowed_) return;
    step_ = std::clamp(step_ * 2, 1.0, std::max(2.0, std::floor(count_ / 16)));
    allowed_ += step_;
}

bool WindowCount::learn(const Episode& episode, Moment now) {
    const double counted = std::max(1.0, episode.counted - episode.refused);
    const double cost_s = probing_ ? episode.late_s * time_per_loss : 0;
    const double longest_s = std::max(longest_between_probes_s, 3 * window_s_);
    probe_every_s_ = std::clamp(
        std::max(cost_s, requests_per_probe * window_s_ / count_),
        std::min(std::max(window_s_, shortest_between_probes_s), longest_between_probes_s),
        longest_s);
    const bool within_a_window = episode.run_s < 0.75 * window_s_;
    if (probing_ && (counted > count_ || !within_a_window)) {
        learn_from_probe(counted - count_, now);
        return true;
    }
    // What a probe had raised did not hold: a fixed window may turn in the middle of a probe.
    if (seconds_of(now - raised_at_) < 3 * window_s_ + episode.closed_most_s) {
        set(count_, window_s_);
        raised_at_ = {};
        return true;
    }
    if (seconds_of(now - unexpected_at_) > unexpected_within_s) unexpected_ = 0;
    unexpected_at_ = now;
    if (++unexpected_ >= most_unexpected) return false;
    learn_from_refusal(episode, counted);
    return true;
}

void WindowCount::learn_from_probe(double beyond, Moment now) {
    set(count_, window_s_);
    if (beyond <= 0) return;
    raised_at_ = now;
    const bool much = beyond >= count_ / 2;
    allowed_ = count_ + (much ? beyond : 1);
    if (much) since_probe_s_ = probe_every_s_ - 3 * window_s_;
}

void WindowCount::learn_from_refusal(const Episode& episode, double counted) {
    const double less = std::max(1.0, count_ - 1);
    const double closed_until_s = episode.run_s + episode.closed_least_s;
    const double open_from_s = episode.run_s + episode.closed_most_s;
    if (episode.run_s < 0.75 * window_s_) {
        // All that the window holds, since it began with the last closure's end.
        const bool telling = episode.closed_least_s >= 1;
        const double window_s = telling ? usual_window(closed_until_s, open_from_s) : window_s_;
        set(std::clamp(episode.taken, std::min(count_ / 3, less), less), window_s);
    } else if (episode.run_s < 2 * window_s_ && episode.closed_least_s > 0.15 * window_s_) {
        // The server's window was still the first one: it is longer.
        set(episode.taken, usual_window(closed_until_s, open_from_s));
    } else {
        set(std::min(counted, std::max(1.0, std::floor(count_ * 0.95))), window_s_);
    }
}

} // namespace medibridge::http
