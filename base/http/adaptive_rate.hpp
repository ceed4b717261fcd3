#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace medibridge::http {

/// A moment of a monotonic clock: it measures elapsed time and says nothing about dates.
using Moment = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

/// How many requests per second a server takes, learnt from its refusals.
///
/// There is no limit until the first refusal. Each refusal starts a new episode: the rate that the
/// server took over the last one is its limit as far as we know; the rate is cut below it, climbs
/// back within seconds, stays there for some time and then probes beyond with growing steps. Time
/// in which nobody wanted to send does not count. Pure: time is passed in, and never goes back.
class AdaptiveRate {
  public:
    /// `ceiling`: requests per second that are never exceeded, above 0; nothing: no ceiling.
    explicit AdaptiveRate(std::optional<double> ceiling);

    /// When the next request may go: `now`, or later by at least a millisecond.
    Moment ready_at(Moment now);
    /// A request is sent. `waited`: it had to wait for its turn.
    void sent(Moment now, bool waited);
    /// The server took a request.
    void taken(Moment now);
    /// The server refused a request for its rate: a new episode.
    void refused(Moment now);

    /// The current limit in requests per second; nothing: no limit.
    std::optional<double> limit() const;
    /// What the server takes as far as its refusals have shown; nothing: it has refused nothing.
    std::optional<double> found() const { return known_limit_; }

  private:
    /// Requests taken recently, in two halves of about a second each.
    class RecentRate {
      public:
        void count(Moment now);
        /// Nothing if they are too few to say.
        std::optional<double> per_second(Moment now) const;

      private:
        Moment started_{};
        double former_ = 0; ///< taken in the second before
        double present_ = 0;
    };

    /// What the server takes, as far as this episode shows.
    std::optional<double> measured(Moment now) const;
    double bucket_size(double rate) const;
    void refill(Moment now);

    std::optional<double> ceiling_;
    /// The server's limit as far as we know; nothing before the first refusal.
    std::optional<double> known_limit_;
    double tokens_ = 1;
    Moment refilled_at_{};

    Moment last_sent_{};
    bool any_sent_ = false;
    double demand_s_ = 0;              ///< time of this episode in which somebody wanted to send
    double growth_s_ = 0;              ///< the same since the server took requests again
    double taken_ = 0;                 ///< requests of this episode that the server took
    bool blocked_ = false;             ///< since the refusal the server has taken nothing
    std::optional<Moment> refused_at_; ///< when this episode began
    double blocked_s_ = 0;             ///< how long that lasted after the last refusal
    RecentRate recent_;
};

} // namespace medibridge::http
