#include "base/http/adaptive_rate.hpp"

#include <algorithm>

namespace medibridge::http {
namespace {

/// A longer gap between two requests counts as idle time, unless somebody was told to wait.
constexpr std::chrono::milliseconds longest_busy_gap{2'000};
/// Before the first refusal a longer gap begins a new run, in seconds.
constexpr double longest_gap_in_run = 1;
/// No server allows less than one request in ten seconds; pauses handle lower rates.
constexpr double least_rate = 0.1;
/// Far above anything that one connection pool can send.
constexpr double largest_rate = 1e6;
/// How much of a pause of the event loop may be caught up afterwards, in seconds.
constexpr double catch_up = 0.02;
/// Most limits count by the second, and let as much through at once.
constexpr double usual_burst_s = 1;
/// Servers say how long to wait in whole seconds, rounded up.
constexpr double rounding_s = 1;
/// What was sent within this time was sent at once, in seconds.
constexpr double at_once_s = 0.6;
constexpr double surely_at_once_s = 0.35;

/// In how many seconds the pace doubles after the first refusal: if it showed the limit exactly …
constexpr double doubling_if_exact = 130;
/// … or what flows into a bucket …
constexpr double doubling_if_known = 20;
/// … or something of it …
constexpr double doubling_if_likely = 8;
/// … or as good as nothing.
constexpr double doubling_if_unknown = 3;

} // namespace

std::optional<double> AdaptiveRate::found() const {
    if (const auto* const steady = std::get_if<SteadyRate>(&pace_)) return steady->rate();
    if (const auto* const window = std::get_if<WindowCount>(&pace_)) return window->rate();
    return std::nullopt;
}

std::optional<double> AdaptiveRate::limit() const {
    const auto* const steady = std::get_if<SteadyRate>(&pace_);
    const auto rate = steady != nullptr ? steady->pace() : found();
    if (!rate) return ceiling_;
    return std::clamp(*rate, least_rate, std::min(ceiling_.value_or(largest_rate), largest_rate));
}

std::optional<double> AdaptiveRate::even_rate() const {
    return std::holds_alternative<WindowCount>(pace_) ? ceiling_ : limit();
}

void AdaptiveRate::refill(Moment now) {
    const auto rate = even_rate();
    if (!rate) return;
    const double most = closed_ ? 1 : 1 + *rate * catch_up;
    tokens_ = std::min(tokens_ + *rate * seconds_of(now - refilled_at_), most);
    refilled_at_ = now;
}

std::optional<Moment> AdaptiveRate::ready_at(Moment now) {
    Moment when = now;
    if (auto* const window = std::get_if<WindowCount>(&pace_)) {
        const auto opens = window->ready_at(sent_, now, under_way_);
        if (!opens) return std::nullopt;
        when = *opens;
    }
    const auto rate = even_rate();
    if (!rate) return when;
    refill(now);
    if (tokens_ >= 1) return when;
    const auto missing = milliseconds_of((1 - tokens_) / *rate);
    return std::max(when, now + std::max(std::chrono::milliseconds(1), missing));
}

void AdaptiveRate::pass(double seconds, bool waited) {
    if (auto* const window = std::get_if<WindowCount>(&pace_)) window->pass(seconds);
    if (closed_) return;
    episode_.run_s += seconds;
    // A pace that nobody reaches shows nothing.
    auto* const steady = std::get_if<SteadyRate>(&pace_);
    if (steady != nullptr && waited) steady->pass(seconds);
}

void AdaptiveRate::sent(Moment now, bool waited) {
    if (sent_.size() > 0) {
        const auto gap = now - sent_.last(1);
        if (first_ && !closed_ && !waited && seconds_of(gap) > longest_gap_in_run)
            episode_ = {};
        else
            pass(seconds_of(waited ? gap : std::min<Moment::duration>(gap, longest_busy_gap)),
                 waited);
    }
    sent_.add(now);
    ++under_way_;
    if (even_rate()) tokens_ -= 1;
}

void AdaptiveRate::taken(Moment now, bool after_refusal) {
    if (closed_ && after_refusal) open(now);
    episode_.taken += 1;
    if (closed_ || under_way_ > 0) return;
    if (auto* const window = std::get_if<WindowCount>(&pace_)) window->all_taken(sent_, now);
}

void AdaptiveRate::refused(Moment now, bool after_refusal,
                           std::optional<std::chrono::milliseconds> requested) {
    if (!closed_) {
        closed_ = true;
        refused_at_ = last_refused_at_ = opens_at_ = now;
        told_s_ = 0;
        told_until_.reset();
        if (auto* const window = std::get_if<WindowCount>(&pace_)) {
            window->refused();
            episode_.counted = window->counted(sent_, now);
            opens_at_ = window->opens_at(sent_, now);
        }
        // Until more is known.
        if (first_ && episode_.taken > 0)
            go_steadily({.rate = episode_.taken / (episode_.run_s + usual_burst_s)});
    }
    episode_.refused += 1;
    if (after_refusal) last_refused_at_ = now;
    if (requested) {
        told_s_ = std::max(told_s_, seconds_of(*requested));
        told_until_ = std::max(told_until_.value_or(now), now + *requested);
    }
    tokens_ = std::clamp(tokens_, 0.0, 1.0);
    refilled_at_ = now;
}

void AdaptiveRate::open(Moment now) {
    const auto opened_at = told_until_ ? std::min(now, *told_until_) : now;
    episode_.closed_most_s = seconds_of(opened_at - refused_at_);
    episode_.closed_least_s =
        std::max(seconds_of(last_refused_at_ - refused_at_), told_s_ - rounding_s);
    episode_.late_s = seconds_of(now - opens_at_);
    // Where nothing was taken nothing is learnt.
    if (!first_)
        learn(now);
    else if (episode_.taken > 0)
        learn_first();
    episode_ = {};
    episode_.closed_before_s = seconds_of(now - refused_at_);
    closed_ = false;
    tokens_ = std::clamp(tokens_, 0.0, 1.0);
    refilled_at_ = now;
}

void AdaptiveRate::go_steadily(SteadyRate::Start start) {
    const double most = std::min(ceiling_.value_or(largest_rate), largest_rate);
    start.rate = std::clamp(start.rate, std::min(least_rate, most), most);
    pace_ = SteadyRate(start);
}

void AdaptiveRate::learn_first() {
    first_ = false;
    const auto& run = episode_;
    SteadyRate::Start start;
    start.rate = run.taken / (run.run_s + usual_burst_s);
    start.burst = std::max(1.0, run.taken - start.rate * run.run_s);
    start.doubling_s = doubling_if_unknown;
    // A few taken ones say little if as many were under way.
    if (run.taken < 2 * run.refused) return go_steadily(start);

    const bool at_once = run.run_s <= std::max(at_once_s, run.closed_least_s);
    const double open_from_s = run.run_s + run.closed_most_s;
    const double window_s =
        usual_window(run.run_s + run.closed_least_s, std::max(1.0, open_from_s));
    if (at_once && window_s > 1) {
        pace_ = WindowCount(run.taken, window_s);
        return;
    }
    // A bucket of that rate would have taken requests again sooner, as far as can be seen.
    start.exact = at_once && (open_from_s > 0.5 || run.closed_least_s * start.rate >= 3);
    if (start.exact) {
        start.doubling_s = doubling_if_exact;
        if (run.run_s <= surely_at_once_s) start.rate = run.taken;
    } else {
        start.doubling_s = run.run_s > 0.3 ? doubling_if_known : doubling_if_likely;
    }
    go_steadily(start);
}

void AdaptiveRate::learn(Moment now) {
    if (auto* const steady = std::get_if<SteadyRate>(&pace_))
        return steady->learn(episode_, sent_, refused_at_);
    if (std::get<WindowCount>(pace_).learn(episode_, now)) return;
    const double lasted = std::max(episode_.closed_before_s + episode_.run_s, 0.02);
    go_steadily({.rate = episode_.taken / lasted});
}

} // namespace medibridge::http
