#pragma once

#include "base/http/episode.hpp"
#include "base/http/steady_rate.hpp"
#include "base/http/window_count.hpp"

#include <chrono>
#include <optional>
#include <variant>

namespace medibridge::http {

/// How many requests per second a server takes, learnt from its refusals.
///
/// There is no limit until the first refusal. How many requests were taken until then, and how long
/// the server took none afterwards, tells a window of several seconds from a rate; each is paced by
/// a rule of its own (`WindowCount`, `SteadyRate`) and corrected by each further refusal. Time in
/// which nobody wanted to send does not count. Pure: time is passed in, and never goes back.
class AdaptiveRate {
  public:
    /// `ceiling`: requests per second that are never exceeded, above 0; nothing: no ceiling.
    explicit AdaptiveRate(std::optional<double> ceiling) : ceiling_(ceiling) {}

    /// When the next request may go: `now`, or later by at least a millisecond; nothing: once one
    /// under way has been answered.
    std::optional<Moment> ready_at(Moment now);
    /// A request is sent. `waited`: it had to wait for its turn.
    void sent(Moment now, bool waited);
    /// A request has ended, whatever came of it. Before taken() or refused().
    void ended() { --under_way_; }
    /// The server took a request. `after_refusal`: one sent after the last refusal was known.
    void taken(Moment now, bool after_refusal);
    /// The server refused a request for its rate. `requested`: the pause that it asks for.
    void refused(Moment now, bool after_refusal,
                 std::optional<std::chrono::milliseconds> requested);

    /// The current limit in requests per second; nothing: no limit.
    std::optional<double> limit() const;
    /// What the server takes as far as its refusals have shown; nothing: it has refused nothing.
    std::optional<double> found() const;

  private:
    void pass(double seconds, bool waited);
    /// The server takes requests again.
    void open(Moment now);
    void learn_first();
    void learn(Moment now);
    void go_steadily(SteadyRate::Start start);
    /// Requests per second that are let through evenly.
    std::optional<double> even_rate() const;
    void refill(Moment now);

    std::optional<double> ceiling_;
    std::variant<std::monostate, SteadyRate, WindowCount> pace_;
    double tokens_ = 1;
    Moment refilled_at_{};
    SentLog sent_;
    int under_way_ = 0;

    bool first_ = true; ///< there was no closure so far
    Episode episode_;
    bool closed_ = false; ///< since a refusal the server has taken nothing sent later
    Moment refused_at_{};
    Moment last_refused_at_{}; ///< the last one sent after the first refusal
    double told_s_ = 0;        ///< the longest pause that it asked for
    std::optional<Moment> told_until_;
    Moment opens_at_{}; ///< when the known window would have let one go
};

} // namespace medibridge::http
