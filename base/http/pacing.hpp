#pragma once

#include "base/http/adaptive_rate.hpp"
#include "base/runtime/backoff.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace medibridge::http {

/// How many failed requests may be repeated: a share of those that succeed, and a few more. Keeps
/// retries from making an outage worse.
class RetryBudget {
  public:
    explicit RetryBudget(double most) : most_(most), left_(most) {}

    /// Takes one retry, if there is one left.
    bool take() {
        if (left_ < 1) return false;
        left_ -= 1;
        return true;
    }
    void earn() { left_ = left_ + share < most_ ? left_ + share : most_; }

  private:
    static constexpr double share = 0.1; ///< retries earned by each success

    double most_;
    double left_;
};

/// Decides when requests may go to one server: one pause for the whole client, and a rate.
///
/// A refusal (429) pauses everybody for as long as the server says, else with backoff; failures
/// pause everybody from the second one in a row on. After a pause a single request goes first, and
/// the others follow once it was taken. Requests that were already under way when a pause began
/// say nothing new. Pure: time is passed in and never goes back; randomness comes from a seed.
class Pacing {
  public:
    struct Settings {
        std::optional<double> rate_limit; ///< requests a second, above 0; nothing: found out
        std::chrono::milliseconds backoff_base{500};
        std::chrono::milliseconds backoff_longest{20'000};
        std::uint64_t seed = 0;
    };

    enum class Answer : std::uint8_t {
        taken,    ///< the server answered properly, even with an error
        refused,  ///< 429
        failed,   ///< no usable answer
        no_answer ///< given up by us: says nothing about the server
    };

    struct Turn {
        enum class Kind : std::uint8_t {
            now,
            at,           ///< ask again at `when`, which is later than now
            after_answer, ///< ask again once a request under way has been answered
        };
        Kind kind = Kind::now;
        Moment when{};
    };

    /// Stands for one request under way.
    struct Permit {
        std::uint64_t number = 0;
        bool first_after_pause = false;
    };

    explicit Pacing(const Settings& settings);

    /// Whether a request may be sent now. Changes nothing except what the time changes.
    Turn turn(Moment now);
    /// The request is sent. Only right after turn() returned `now`.
    Permit take(Moment now);
    /// Gives a permit back; each one exactly once. `requested`: the pause that the answer asks for.
    void settle(Permit permit, Answer answer, std::optional<std::chrono::milliseconds> requested,
                Moment now);

    /// Failures in a row; those that were under way together count once.
    int failures() const { return failures_; }
    /// What is left of the pause; 0: none.
    std::chrono::milliseconds pause_left(Moment now) const;
    /// The current limit in requests per second; nothing: no limit.
    std::optional<double> limit() const { return rate_.limit(); }
    /// What the server takes as far as is known; nothing: it has refused nothing.
    std::optional<double> limit_found() const { return rate_.found(); }
    /// How often everybody was made to wait.
    std::int64_t pauses() const { return pauses_; }

  private:
    void on_refused(Permit permit, std::optional<std::chrono::milliseconds> requested, Moment now);
    void on_failed(Permit permit, std::optional<std::chrono::milliseconds> requested, Moment now);
    void on_taken(Permit permit, std::optional<std::chrono::milliseconds> requested, Moment now);
    void pause(std::chrono::milliseconds duration, Moment now);
    std::chrono::milliseconds with_jitter(std::chrono::milliseconds requested);

    runtime::Backoff backoff_;
    AdaptiveRate rate_;
    std::uint64_t sent_ = 0;            ///< number of the last request
    std::uint64_t sent_at_refusal_ = 0; ///< requests sent later know of the refusal
    std::uint64_t sent_at_failure_ = 0;
    int refusals_ = 0; ///< in a row, since the server last took a request
    int failures_ = 0;
    bool waited_ = false;        ///< somebody was told to wait since the last request
    bool one_at_a_time_ = false; ///< after a pause, until a request was taken
    bool first_under_way_ = false;
    Moment paused_until_{};
    std::int64_t pauses_ = 0;
};

} // namespace medibridge::http
