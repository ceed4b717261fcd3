#pragma once

#include "base/figures/meters.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "connectors/medicapp/medicapp.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace medibridge::connectors {

/// What is known of Medicapp's condition: whether it answers, accepts our credentials and our rate.
/// Logs one event at the start and one at the end of each problem, however many requests it
/// affects.
class Condition {
  public:
    enum class Credentials : std::uint8_t {
        accepted, ///< or not tried yet
        refused,  ///< nothing may be sent
        on_trial, ///< one request may try them
    };

    /// `figures`: not null.
    Condition(log::EventLog& log, std::shared_ptr<figures::Side> figures)
        : log_(log),
          figures_(std::move(figures)) {}

    /// A valid answer, also if it is an error. `at` is when it came.
    void answered(runtime::TimePoint at);
    /// No usable answer; `in_a_row` counts such failures, requests under way together as one.
    void failed(const ApiError& error, int in_a_row, runtime::TimePoint at);
    /// A call ends without an answer: this is an outage, whatever the number of failures.
    void gave_up(const ApiError& error);
    /// An attempt has waited for so long that this is an outage, whatever comes of it. `since`
    /// when.
    void silent(std::string what, runtime::TimePoint since);
    /// A 429, after which nothing is sent for `pause`.
    void rate_limited(runtime::Duration pause, runtime::TimePoint at);
    void unauthorized(const ApiError& error);
    void authorized();

    /// The credentials may be valid again: try them once.
    void try_credentials();

    Credentials credentials() const { return credentials_; }
    /// How they were refused last; what it holds before that means nothing.
    const ApiError& refusal() const { return refusal_; }
    /// Since when Medicapp has given no usable answer; nothing while it answers.
    std::optional<runtime::TimePoint> failing_since() const { return failing_since_; }

  private:
    void report_outage(const ApiError& error);

    log::EventLog& log_;
    std::shared_ptr<figures::Side> figures_;
    Credentials credentials_ = Credentials::accepted;
    ApiError refusal_;
    bool refusal_reported_ = false;
    std::optional<runtime::TimePoint> failing_since_;
    std::optional<runtime::TimePoint> silent_since_;
    bool outage_reported_ = false;
    std::optional<runtime::TimePoint> last_rate_limited_;
};

} // namespace medibridge::connectors
