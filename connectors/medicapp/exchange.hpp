#pragma once

#include "base/http/pacing.hpp"
#include "base/http/transport.hpp"
#include "base/runtime/backoff.hpp"
#include "connectors/medicapp/attempt.hpp"
#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/condition.hpp"
#include "connectors/medicapp/gate.hpp"
#include "connectors/medicapp/shared_read.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Performs calls: waits for their turn, sends them, judges the answers, and repeats calls if that
/// is safe and the budget allows it.
///
/// A failed call about one patient may concern that patient only: a firewall blocks the address, or
/// Medicapp cannot store the record. So before a refusal counts against the key, and before
/// failures in a row pause all calls and become an outage, a plain read is sent.
class Exchange {
  public:
    Exchange(http::Transport& transport, runtime::Clock& clock, log::EventLog& log,
             MedicappClientSettings settings);

    /// Nothing: the call succeeded and `reader` has taken in the answer. The reader lives until
    /// the task has ended.
    runtime::Task<std::optional<ApiError>> perform(Call call, AnswerReader& reader);

    /// The path behind the one that the configuration names.
    std::string target(std::string_view path) const;
    const RequestCounts& counts() const { return counts_; }
    std::optional<double> rate() const { return pacing_.limit(); }
    MedicappPace pace() const;
    bool credentials_refused() const;
    std::string refusal() const;
    /// By what the last 429 said when to come back; empty: none came.
    std::string_view rate_refusal_form() const { return rate_refusal_form_; }
    bool failing() const { return condition_.failing_since().has_value(); }
    void note_silence(std::string what, runtime::Duration lasted) {
        condition_.silent(std::move(what), clock_.now() - lasted);
    }
    void cancel() { gate_.cancel(); }
    void use_key(const config::Secret& key);
    void try_credentials() { condition_.try_credentials(); }

  private:
    /// One call's attempts so far.
    struct Attempts {
        runtime::TimePoint started;
        int failed = 0;
        int rate_refused = 0; ///< answered 429
        ApiError last;
        bool repeats_failure = false;
        bool repeatable = true;       ///< the last one, for it was not executed or is a read
        bool outage_is_sure = false;  ///< a plain read failed, too
        std::uint64_t key_number = 0; ///< of the key that the last attempt was sent with
    };
    /// What a plain read must show.
    enum class Doubt : std::uint8_t {
        none,
        key,    ///< whether a refusal is the key's
        outage, ///< whether a failure is everybody's
        rate,   ///< whether 429 is everybody's
    };
    /// What follows an attempt.
    struct Next {
        Doubt doubt = Doubt::none; ///< to be cleared up before anything else
        bool ended = false;
        std::optional<ApiError> error;                ///< if ended
        std::optional<runtime::TimePoint> wait_until; ///< else, before the next attempt
    };

    http::Request request_of(const Call& call) const;
    void count(const Call& call, bool repeats_failure);
    ApiError error_at(Gate::Result result, const Call& call, const Attempts& attempts);
    Next settle(const Call& call, Gate::Passage& passage, AttemptOutcome outcome,
                Attempts& attempts);
    Next after_failure(const Call& call, AttemptOutcome outcome, Attempts& attempts);
    Next repeat_or_end(Attempts& attempts, int most_attempts, bool of_the_budget);
    runtime::Task<Next> clear_up(const Call& call, Next next, Attempts& attempts);
    static Next refused_alone(ApiError refusal);
    Next after_refusal(ApiError refusal, const std::optional<ApiError>& plain,
                       const Attempts& attempts) const;
    runtime::Task<std::optional<ApiError>> send_plain_read();
    /// A plain read that was sent at or after `since`. Nothing: it succeeded.
    runtime::Task<std::optional<ApiError>> read_plainly(runtime::TimePoint since);
    Gate::Order order_of(const Call& call) const;
    runtime::Task<void> wait_until(runtime::TimePoint when);

    http::Transport& transport_;
    runtime::Clock& clock_;
    MedicappClientSettings settings_;
    std::string authorization_;
    std::uint64_t key_number_ = 0;
    http::Pacing pacing_;
    runtime::Backoff backoff_; ///< of each request by itself
    http::RetryBudget budget_;
    Condition condition_;
    Gate gate_;
    SharedRead plain_read_;
    std::optional<runtime::TimePoint>
        plainly_served_; ///< when the last plain read was sent, unless it failed
    RequestCounts counts_;
    std::string_view rate_refusal_form_;
};

} // namespace medibridge::connectors
