#include "connectors/medicapp/gate.hpp"

#include "base/runtime/concurrency.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cassert>
#include <utility>

namespace medibridge::connectors {

namespace asio = boost::asio;
using http::Pacing;
using runtime::Task;
using runtime::TimePoint;

/// One who waits, and the signal that calls him.
struct Gate::Waiting {
    explicit Waiting(const asio::any_io_executor& executor) : called(executor) {}
    runtime::Signal called;
};

/// A place in the queue, given up however the wait ends.
class Gate::Place {
  public:
    Place(Gate& gate, Waiting& waiting, Order order)
        : gate_(gate),
          at_(gate.queue_.insert(order == Order::first ? gate.queue_.begin() : gate.queue_.end(),
                                 &waiting)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        const bool was_first = is_first();
        gate_.queue_.erase(at_);
        if (was_first) gate_.call_next();
    }

    bool is_first() const { return at_ == gate_.queue_.begin(); }

  private:
    Gate& gate_;
    std::list<Waiting*>::iterator at_;
};

Gate::Passage::~Passage() {
    settle(Pacing::Answer::no_answer, std::nullopt);
}

void Gate::Passage::settle(Pacing::Answer answer,
                           std::optional<std::chrono::milliseconds> requested_pause) {
    if (auto* const gate = std::exchange(gate_, nullptr)) {
        gate->leave(permit_, answer, requested_pause);
    }
}

Gate::Gate(runtime::Clock& clock, Pacing& pacing, const Condition& condition,
           std::size_t most_under_way, runtime::Duration give_up)
    : clock_(clock),
      pacing_(pacing),
      condition_(condition),
      most_under_way_(std::max<std::size_t>(most_under_way, 1)),
      give_up_(give_up) {}

bool Gate::is_full() const {
    const bool alone = condition_.credentials() == Condition::Credentials::on_trial;
    return under_way_ >= (alone ? 1 : most_under_way_);
}

std::optional<TimePoint> Gate::gives_up_at(TimePoint started) const {
    const auto since = condition_.failing_since();
    if (!since) return std::nullopt;
    return std::max(started, *since) + give_up_;
}

bool Gate::is_given_up(TimePoint started, TimePoint now) const {
    const auto end = gives_up_at(started);
    return end && now >= *end;
}

std::optional<Gate::Result> Gate::refusal(TimePoint started, TimePoint now) const {
    if (cancelled_) return Result::cancelled;
    if (condition_.credentials() == Condition::Credentials::refused) return Result::unauthorized;
    if (is_given_up(started, now)) return Result::given_up;
    return std::nullopt;
}

void Gate::admit(Passage& passage, TimePoint now) {
    assert(under_way_ < most_under_way_ && passage.gate_ == nullptr);
    passage.permit_ = pacing_.take(now);
    passage.gate_ = this;
    ++under_way_;
}

void Gate::leave(Pacing::Permit permit, Pacing::Answer answer,
                 std::optional<std::chrono::milliseconds> requested_pause) {
    pacing_.settle(permit, answer, requested_pause, clock_.now());
    assert(under_way_ > 0);
    --under_way_;
    ++answers_;
    call_next();
}

void Gate::call_next() {
    if (!queue_.empty()) queue_.front()->called.notify();
}

void Gate::cancel() {
    cancelled_ = true;
    call_next();
    clock_.wake();
}

std::optional<Gate::Result> Gate::try_enter(Passage& passage, TimePoint started, Order order) {
    const auto now = clock_.now();
    if (const auto against = refusal(started, now)) return against;
    if ((order != Order::first && !queue_.empty()) || is_full()) return std::nullopt;
    if (pacing_.turn(now).kind != Pacing::Turn::Kind::now) return std::nullopt;
    admit(passage, now);
    return Result::admitted;
}

Task<void> Gate::wait_for_answer(Waiting& waiting) {
    const auto seen = answers_;
    while (answers_ == seen && !cancelled_) {
        co_await waiting.called.wait();
    }
}

Task<Gate::Result> Gate::enter(Passage& passage, TimePoint started, Order order) {
    const auto executor = co_await asio::this_coro::executor;
    Waiting waiting(executor);
    const Place place(*this, waiting, order);
    for (;;) {
        // Also after a sleep: somebody may have gone before the one who was first.
        while (!place.is_first()) {
            co_await waiting.called.wait();
        }
        const auto now = clock_.now();
        if (const auto against = refusal(started, now)) co_return *against;
        if (is_full()) {
            co_await wait_for_answer(waiting);
            continue;
        }
        const auto turn = pacing_.turn(now);
        if (turn.kind == Pacing::Turn::Kind::now) {
            admit(passage, now);
            co_return Result::admitted;
        }
        if (turn.kind == Pacing::Turn::Kind::after_answer) {
            co_await wait_for_answer(waiting);
            continue;
        }
        const auto end = gives_up_at(started);
        const auto until = end ? std::min(*end, turn.when) : turn.when;
        co_await clock_.sleep_until(until);
    }
}

} // namespace medibridge::connectors
