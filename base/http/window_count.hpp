#pragma once

#include "base/http/episode.hpp"

#include <optional>

namespace medibridge::http {

/// The usual length of a window from `least` to `most` seconds, else the one nearest to `most`.
double usual_window(double least, double most);

/// The pace for a server that takes so many requests in a window of two seconds or more, fixed or
/// sliding: as many as that in any such time, as fast as they come.
///
/// From time to time a single request is tried beyond; if it is taken, further ones follow at once,
/// ever more, so that a raised limit is found within one window. Pure values.
class WindowCount {
  public:
    /// `count`: requests, from 1. `window_s`: seconds.
    WindowCount(double count, double window_s);

    /// Requests a second that the server takes, as far as known.
    double rate() const { return count_ / window_s_; }
    /// How many of the requests sent count at `now`.
    double counted(const SentLog& sent, Moment now) const;
    /// When the next request may go: `now`, or later by at least a millisecond; nothing: once those
    /// under way have been answered.
    std::optional<Moment> ready_at(const SentLog& sent, Moment now, int under_way);
    /// When the known count lets one go.
    Moment opens_at(const SentLog& sent, Moment now) const;
    /// Somebody wanted to send for so long.
    void pass(double seconds) { since_probe_s_ += seconds; }
    /// None is under way, and none was refused.
    void all_taken(const SentLog& sent, Moment now);
    /// One was refused: nothing is tried beyond the count until learn().
    void refused() { allowed_ = count_; }
    /// What an episode shows. False: the count does not hold, as where others share the limit.
    bool learn(const Episode& episode, Moment now);

  private:
    void set(double count, double window_s);
    double remembered_s() const;
    void learn_from_probe(double beyond, Moment now);
    void learn_from_refusal(const Episode& episode, double counted);

    double count_;
    double allowed_; ///< the count, and what is tried beyond it
    double window_s_;

    bool probing_ = false;
    double step_ = 0; ///< by which it was last raised while probing
    double since_probe_s_;
    double probe_every_s_;
    Moment raised_at_{}; ///< when a probe raised what is allowed

    int unexpected_ = 0; ///< refusals within the known count, within a minute of each other
    Moment unexpected_at_{};
};

} // namespace medibridge::http
