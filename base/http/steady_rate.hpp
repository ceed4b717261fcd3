#pragma once

#include "base/http/episode.hpp"

#include <optional>

namespace medibridge::http {

/// An even pace, for a server that refuses what exceeds a rate: a token bucket, or a window of a
/// second.
///
/// It begins just below the known rate and grows until the next refusal, slowly at first and then
/// ever faster. How fast depends on what a refusal costs: nothing at a bucket, which fills during
/// the pause, but all requests of the pause at a window. Pure values.
class SteadyRate {
  public:
    struct Start {
        double rate = 1;       ///< requests a second, above 0
        double burst = 1;      ///< what the server may take at once beyond the rate, from 1
        double doubling_s = 8; ///< in how long the pace doubles
        bool exact = false;    ///< if the server counts in windows, the rate is exactly its own
    };
    explicit SteadyRate(const Start& start)
        : rate_(start.rate),
          burst_(start.burst),
          doubling_s_(start.doubling_s),
          exact_(start.exact),
          tolerated_(start.burst) {}

    /// Requests a second, now.
    double pace() const;
    /// Requests a second that the server takes, as far as known.
    double rate() const { return rate_; }
    /// Requests had to wait for their turn for so long, and nothing was refused.
    void pass(double seconds);
    /// What an episode shows. `sent`: what was sent until `refused_at`, and a few after it.
    void learn(const Episode& episode, const SentLog& sent, Moment refused_at);

  private:
    void tell_buckets_from_windows(bool grown, double tolerance);
    double loss(const Episode& episode, double rate, bool bucket, bool sure) const;

    double rate_;
    double burst_;
    double doubling_s_;
    bool exact_;
    std::optional<bool> bucket_; ///< a bucket, or a window; nothing: not known yet
    int early_ = 0;              ///< runs that were long and refused before the pace had grown
    double tolerated_;           ///< surplus that the server may take before it refuses
    double growth_s_ = 0;        ///< time of growth since the last refusal
    double surplus_ = 0;         ///< requests beyond the rate since then
};

} // namespace medibridge::http
