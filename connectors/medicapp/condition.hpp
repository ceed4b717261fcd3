#pragma once

#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"
#include "connectors/medicapp/medicapp.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <optional>

namespace medibridge::connectors {

/// What is known of Medicapp's condition: whether it answers, takes our credentials and our rate.
/// Writes one event at the start and one at the end of each trouble, however many requests it hits.
class Condition {
  public:
    enum class Credentials : std::uint8_t {
        accepted, ///< or not tried yet
        refused,  ///< nothing may be sent
        on_trial, ///< one request may try them
    };

    explicit Condition(log::EventLog& log) : log_(log) {}

    /// An answer as it should be, be it an error. `at` is when it came.
    void answered(runtime::TimePoint at);
    /// No usable answer; `in_a_row` so many, those under way together counted once.
    void failed(const ApiError& error, int in_a_row, runtime::TimePoint at);
    /// A call ends without an answer: whatever the number of failures, this is an outage.
    void gave_up(const ApiError& error);
    /// A 429, after which nothing is sent for `pause`.
    void rate_limited(runtime::Duration pause, runtime::TimePoint at);
    void unauthorized(const ApiError& error);
    void authorized();

    /// The credentials may have become good: they are tried once.
    void try_credentials();

    Credentials credentials() const { return credentials_; }
    /// Since when Medicapp has given no usable answer; nothing while it answers.
    std::optional<runtime::TimePoint> failing_since() const { return failing_since_; }

  private:
    void report_outage(const ApiError& error);

    log::EventLog& log_;
    Credentials credentials_ = Credentials::accepted;
    bool refusal_reported_ = false;
    std::optional<runtime::TimePoint> failing_since_;
    bool outage_reported_ = false;
    std::optional<runtime::TimePoint> last_rate_limited_;
};

/// Asks Medicapp the plainest question there is, the list's first patient, to tell what is wrong
/// for one patient from what is wrong for everybody. Who asks while it is under way shares it.
class PlainRead {
  public:
    /// Sends the question; nothing: it was served.
    using Send = std::function<runtime::Task<std::optional<ApiError>>()>;

    PlainRead(runtime::Clock& clock, Send send) : clock_(clock), send_(std::move(send)) {}

    /// What became of the question. It was served (nothing) only if it was not asked before
    /// `since`; a failure of an earlier one is an answer too. Lives until the task has ended.
    runtime::Task<std::optional<ApiError>> ask(runtime::TimePoint since);

  private:
    struct Waiting;
    class Asking;

    runtime::Clock& clock_;
    Send send_;
    std::optional<runtime::TimePoint> served_; ///< when the last one that was served was asked
    std::optional<ApiError> failure_;          ///< of the last one
    bool asking_ = false;
    std::list<Waiting*> waiting_;
};

} // namespace medibridge::connectors
