#include "base/http/steady_rate.hpp"

#include <algorithm>

namespace medibridge::http {
namespace {

/// How far below the known rate the pace begins.
constexpr double margin = 0.01;
/// The pace doubles in this time, in seconds, where a refusal costs nothing …
constexpr double shortest_doubling = 20;
/// … in so many times what was lost, where it costs time: about 3 % of it …
constexpr double doubling_for_loss = 160;
/// … and in the time of so many requests for each one refused.
constexpr double doubling_for_refused = 300;
constexpr double longest_for_refused = 60;
constexpr double longest_doubling = 300;
/// A refusal while the rate is not sure is taken to cost this many seconds.
constexpr double unsure_loss = 0.25;
/// What a bucket loses while it is full counts as at most this many seconds.
constexpr double overflow = 0.1;
/// The pace doubles in this time once the known rate has proved too low.
constexpr double fast_doubling = 8;
/// Fewer requests of a run say nothing of what a refusal costs.
constexpr double fewest_taken = 5;
/// A shorter run says little about the rate, in seconds.
constexpr double telling_run = 5;
/// A window refuses a pace of so many times its rate, whatever blurs it.
constexpr double window_tolerates = 1.03;
/// No smaller difference counts: requests under way blur it.
constexpr double blur = 3;

/// The rate of a bucket that holds `burst` requests and was emptied by the end of the run.
double rate_beyond(double burst, double taken, const SentLog& sent, Moment refused_at) {
    double most = 0;
    for (std::size_t n = 1; n <= sent.size() && static_cast<double>(n) <= taken; ++n) {
        const double beyond = static_cast<double>(n) - burst - 1;
        const double within_s = seconds_of(refused_at - sent.last(n));
        if (beyond >= blur && within_s > 0) most = std::max(most, beyond / within_s);
    }
    return most;
}

} // namespace

double SteadyRate::pace() const {
    const double part = growth_s_ / doubling_s_;
    return rate_ * (1 - margin + part * part * part);
}

void SteadyRate::pass(double seconds) {
    surplus_ += std::max(0.0, pace() - rate_) * seconds;
    growth_s_ += seconds;
    // A server of the known rate and burst would have refused by now.
    if (surplus_ > tolerated_ + std::max(blur, rate_ / 4) && doubling_s_ > fast_doubling) {
        rate_ = pace();
        doubling_s_ = fast_doubling;
        growth_s_ = 0;
        surplus_ = 0;
    }
}

void SteadyRate::tell_buckets_from_windows(bool grown, double tolerance) {
    // A window refuses at once what exceeds it, and a bucket once it is empty.
    const bool barely = pace() < window_tolerates * rate_;
    if (!grown)
        ++early_;
    else if (barely)
        early_ = 0;
    if (grown && barely) bucket_ = false;
    const bool emptied = tolerance >= std::max(blur, rate_ / 4) && surplus_ >= 0.8 * tolerance;
    if (early_ >= 2 || (grown && !barely && (exact_ || emptied))) bucket_ = true;
    exact_ = false;
}

double SteadyRate::loss(const Episode& episode, double rate, bool bucket, bool sure) const {
    const double lost = episode.closed_before_s + episode.run_s - episode.taken / rate;
    // The pause fills a bucket, and little flows over.
    if (bucket && bucket_ == true) return std::min(lost, overflow);
    if (bucket) return episode.closed_before_s;
    return sure ? lost : unsure_loss;
}

void SteadyRate::learn(const Episode& episode, const SentLog& sent, Moment refused_at) {
    const bool grown = pace() > rate_ * (1 - 0.75 * margin);
    const double telling = std::min(1.0, episode.run_s / telling_run);
    // What a bucket held after the pause.
    const double tolerance = std::min(burst_, rate_ * episode.closed_before_s);
    if (telling == 1) tell_buckets_from_windows(grown, tolerance);
    const bool filled = burst_ > 0.5 * rate_ * episode.closed_before_s;
    const bool bucket = filled && bucket_.value_or(surplus_ >= tolerance / 3);

    // A bucket is empty at each refusal: it took what flowed in between two of them.
    const double lasted = std::max(episode.closed_before_s + episode.run_s, 0.02);
    double rate =
        std::max(episode.taken / lasted, rate_beyond(burst_, episode.taken, sent, refused_at));
    double least = 0.5;
    // A window was used up either as soon as the pace exceeded the known rate, which was right
    // then, or before; then it was too high, but a run says the less the shorter it was.
    if (!bucket) least = grown ? std::max(0.99, 0.97 * pace() / rate_) : 0.85 + 0.12 * telling;
    rate = std::clamp(rate, rate_ * least, std::max(pace(), rate_));

    if (episode.taken >= fewest_taken) {
        const double lost_s = loss(episode, rate, bucket, telling == 1 && grown);
        const double spared_s = episode.refused / rate * doubling_for_refused;
        doubling_s_ = std::clamp(
            std::max(lost_s * doubling_for_loss, std::min(spared_s, longest_for_refused)),
            shortest_doubling, longest_doubling);
    }
    tolerated_ = grown ? std::min(burst_, 2 * surplus_) : burst_;
    rate_ = rate;
    growth_s_ = 0;
    surplus_ = 0;
}

} // namespace medibridge::http
