#include "base/http/adaptive_rate.hpp"

#include <algorithm>
#include <cmath>

namespace medibridge::http {
namespace {

constexpr double seconds_of(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

/// A longer gap between two requests counts as idle time, unless somebody was told to wait.
constexpr std::chrono::milliseconds longest_busy_gap{2'000};
/// Fewer recent requests say nothing about the rate that the server accepts.
constexpr double fewest_taken = 5;
/// An episode shows the limit if somebody wanted to send during this part of it.
constexpr double busy_part = 0.5;
/// An episode of this many seconds shows the limit, whatever was known before.
constexpr double telling_episode = 10;
/// The part of the known limit to which a refusal cuts the rate.
constexpr double cut = 0.7;
/// The climb from the cut back to the known limit takes as long as this many requests …
constexpr double climb_requests = 10;
/// … within these bounds, in seconds.
constexpr double shortest_climb = 1;
constexpr double longest_climb = 30;
/// The rate goes this far beyond the known limit …
constexpr double probe_step = 0.05;
/// … in the time of this many requests, within bounds; then ever faster.
constexpr double probe_requests = 300;
constexpr double shortest_probe = 20;
constexpr double longest_probe = 300;
/// The rate at which the server refused counts as at most this many times the rate that it
/// accepted.
constexpr double most_above = 1.3;
/// No server allows less than one request in ten seconds; pauses handle lower rates.
constexpr double least_rate = 0.1;
/// Far above anything that one connection pool can send.
constexpr double largest_rate = 1e6;
/// How much of a pause of the event loop may be caught up afterwards, in seconds.
constexpr double catch_up = 0.02;

} // namespace

void AdaptiveRate::RecentRate::count(Moment now) {
    const auto age = now - started_;
    if (age >= std::chrono::seconds(1)) {
        former_ = age < std::chrono::seconds(2) ? present_ : 0;
        present_ = 0;
        started_ = now;
    }
    present_ += 1;
}

std::optional<double> AdaptiveRate::RecentRate::per_second(Moment now) const {
    if (former_ + present_ < fewest_taken) return std::nullopt;
    const double whole_second = former_ > 0 ? 1 : 0;
    return (former_ + present_) / (whole_second + std::max(seconds_of(now - started_), 0.02));
}

AdaptiveRate::AdaptiveRate(std::optional<double> ceiling) : ceiling_(ceiling) {}

std::optional<double> AdaptiveRate::limit() const {
    if (!known_limit_) return ceiling_;
    const double known = *known_limit_;
    const double climb = std::clamp(climb_requests / known, shortest_climb, longest_climb);
    double rate = known;
    if (growth_s_ < climb) {
        const double missing = 1 - growth_s_ / climb;
        rate *= 1 - (1 - cut) * missing * missing * missing;
    } else {
        const double probe =
            std::max(blocked_s_, std::clamp(probe_requests / known, shortest_probe, longest_probe));
        const double steps = (growth_s_ - climb) / probe;
        rate *= 1 + probe_step * steps * steps * steps;
    }
    return std::clamp(rate, least_rate, std::min(ceiling_.value_or(largest_rate), largest_rate));
}

double AdaptiveRate::bucket_size(double rate) const {
    return 1 + rate * catch_up;
}

void AdaptiveRate::refill(Moment now) {
    const auto rate = limit();
    if (!rate) return;
    tokens_ += *rate * seconds_of(now - refilled_at_);
    tokens_ = std::min(tokens_, bucket_size(*rate));
    refilled_at_ = now;
}

Moment AdaptiveRate::ready_at(Moment now) {
    const auto rate = limit();
    if (!rate) return now;
    refill(now);
    if (tokens_ >= 1) return now;
    const double missing_ms = std::ceil((1 - tokens_) / *rate * 1000);
    return now + std::chrono::milliseconds(
                     std::max<std::int64_t>(1, static_cast<std::int64_t>(missing_ms)));
}

void AdaptiveRate::sent(Moment now, bool waited) {
    if (any_sent_) {
        const auto gap = now - last_sent_;
        const double busy = seconds_of(waited ? gap : std::min(gap, longest_busy_gap));
        demand_s_ += busy;
        if (!blocked_) growth_s_ += busy;
    }
    any_sent_ = true;
    last_sent_ = now;
    if (limit()) tokens_ -= 1;
}

void AdaptiveRate::taken(Moment now) {
    taken_ += 1;
    recent_.count(now);
    if (blocked_) blocked_s_ = seconds_of(now - *refused_at_);
    blocked_ = false;
}

std::optional<double> AdaptiveRate::measured(Moment now) const {
    if (refused_at_) {
        const double demand = demand_s_ + seconds_of(std::min(now - last_sent_, longest_busy_gap));
        const double lasted = seconds_of(now - *refused_at_);
        const double took = taken_ / std::max(demand, 0.02);
        // A short episode is mostly pause: it may at most halve the known limit.
        const double least = lasted < telling_episode ? known_limit_.value_or(0) / 2 : 0;
        if (demand >= busy_part * lasted) return std::max(took, least);
    }
    return known_limit_ ? known_limit_ : recent_.per_second(now);
}

void AdaptiveRate::refused(Moment now) {
    if (const auto took = measured(now)) {
        double known = *took;
        // Neither alone is right: the accepted rate is too low, because a pause wasted time, and
        // the rate at which the server refused is too high, because the server allowed a burst.
        if (const auto rate = limit()) known = (std::min(*rate, most_above * *took) + *took) / 2;
        known_limit_ = std::clamp(known, least_rate, ceiling_.value_or(largest_rate));
    }
    growth_s_ = 0;
    demand_s_ = 0;
    taken_ = 0;
    blocked_ = true;
    refused_at_ = now;
    tokens_ = std::min(tokens_, 1.0);
    refilled_at_ = now;
}

} // namespace medibridge::http
