#pragma once

#include "base/http/pacing.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"
#include "connectors/medicapp/condition.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>

namespace medibridge::connectors {

/// Lets requests through in the order of their arrival: a limited number at once, at the rate and
/// after the pauses that Pacing decides, and none while credentials are refused.
class Gate {
  public:
    enum class Result : std::uint8_t {
        admitted,
        cancelled,
        unauthorized, ///< credentials are refused
        given_up,     ///< Medicapp has not answered for too long
    };

    Gate(runtime::Clock& clock, http::Pacing& pacing, const Condition& condition,
         std::size_t most_under_way, runtime::Duration give_up);

    /// Whether a request goes before those who wait.
    enum class Order : std::uint8_t { as_it_came, first };

    /// A request that was let through. Ends without an answer unless settle() is called.
    class Passage {
      public:
        Passage() = default;
        Passage(const Passage&) = delete;
        Passage& operator=(const Passage&) = delete;
        ~Passage();

        void settle(http::Pacing::Answer answer,
                    std::optional<std::chrono::milliseconds> requested_pause);

      private:
        friend class Gate;
        Gate* gate_ = nullptr;
        http::Pacing::Permit permit_;
    };

    /// Admits at once if no request waits and nothing prevents it: the common case, without a
    /// coroutine. Nothing: call enter().
    std::optional<Result> try_enter(Passage& passage, runtime::TimePoint started, Order order);
    /// Waits until the request is admitted, or must not be sent any more. `started` is when the
    /// call began. Both references live until the task has ended.
    runtime::Task<Result> enter(Passage& passage, runtime::TimePoint started, Order order);

    /// Ends all waiting, now and later, with `cancelled`.
    void cancel();
    bool cancelled() const { return cancelled_; }
    std::size_t under_way() const { return under_way_; }
    std::size_t waiting() const { return queue_.size(); }
    /// Whether the call that began at `started` has waited long enough for a Medicapp that fails.
    bool is_given_up(runtime::TimePoint started, runtime::TimePoint now) const;

  private:
    struct Waiting;
    class Place;

    std::optional<Result> refusal(runtime::TimePoint started, runtime::TimePoint now) const;
    bool is_full() const;
    std::optional<runtime::TimePoint> gives_up_at(runtime::TimePoint started) const;
    void admit(Passage& passage, runtime::TimePoint now);
    void leave(http::Pacing::Permit permit, http::Pacing::Answer answer,
               std::optional<std::chrono::milliseconds> requested_pause);
    void call_next();
    runtime::Task<void> wait_for_answer(Waiting& waiting);

    runtime::Clock& clock_;
    http::Pacing& pacing_;
    const Condition& condition_;
    std::size_t most_under_way_;
    runtime::Duration give_up_;

    std::size_t under_way_ = 0;
    std::uint64_t answers_ = 0;
    bool cancelled_ = false;
    /// Who waits, first come first; only the first one looks at clock and pacing.
    std::list<Waiting*> queue_;
};

} // namespace medibridge::connectors
