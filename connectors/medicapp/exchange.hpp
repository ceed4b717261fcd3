#pragma once

#include "connectors/medicapp/client.hpp"
#include "connectors/medicapp/condition.hpp"
#include "connectors/medicapp/gate.hpp"
#include "connectors/medicapp/verdict.hpp"
#include "http/transport.hpp"
#include "reconcile/pacing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Performs calls: waits for their turn, sends them, judges what comes back, and repeats them where
/// that is safe and the budget allows it.
class Exchange {
  public:
    Exchange(http::Transport& transport, runtime::Clock& clock, log::EventLog& log,
             MedicappClientSettings settings);

    /// Nothing: the call succeeded and `reader` has taken in the answer. The reader lives until
    /// the task has ended.
    runtime::Task<std::optional<ApiError>> perform(Call call, AnswerReader& reader);

    std::string target(std::string_view path) const;
    const RequestCounts& counts() const { return counts_; }
    std::optional<double> rate() const { return pacing_.limit(); }
    bool credentials_refused() const;
    bool failing() const { return condition_.failing_since().has_value(); }
    void cancel() { gate_.cancel(); }
    void use_key(const config::Secret& key);
    void try_credentials() { condition_.try_credentials(); }

  private:
    /// One call's attempts so far.
    struct Attempts {
        runtime::TimePoint started;
        int failed = 0;
        ApiError last;
        bool repeats_failure = false;
        std::uint64_t key_number = 0; ///< of the key that the last attempt was sent with
    };
    /// What follows an attempt.
    struct Next {
        bool ended = false;
        std::optional<ApiError> error;                ///< if ended
        std::optional<runtime::TimePoint> wait_until; ///< else, before the next attempt
    };

    http::Request request_of(const Call& call) const;
    void count(const Call& call, bool repeats_failure);
    ApiError error_at(Gate::Result result, const Call& call, const Attempts& attempts);
    Next settle(const Call& call, Gate::Passage& passage, Verdict verdict, Attempts& attempts);
    Next after_failure(const Call& call, Verdict verdict, Attempts& attempts);
    runtime::Task<void> wait_until(runtime::TimePoint when);

    http::Transport& transport_;
    runtime::Clock& clock_;
    MedicappClientSettings settings_;
    std::string authorization_;
    std::uint64_t key_number_ = 0;
    reconcile::Pacing pacing_;
    reconcile::Backoff backoff_; ///< of each request by itself
    reconcile::RetryBudget budget_;
    Condition condition_;
    Gate gate_;
    RequestCounts counts_;
};

} // namespace medibridge::connectors
