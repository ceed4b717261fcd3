#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>

/// What is seen of a server's limit: when requests were sent, and what came of them.
namespace medibridge::http {

/// A moment of a monotonic clock: it measures elapsed time and says nothing about dates.
using Moment = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

constexpr double seconds_of(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}
/// Rounded up.
inline std::chrono::milliseconds milliseconds_of(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

/// When the last requests were sent.
class SentLog {
  public:
    /// Older ones are forgotten.
    static constexpr std::size_t most = 20'000;

    void add(Moment now) {
        sent_.push_back(now);
        if (sent_.size() > most) sent_.pop_front();
    }
    std::size_t size() const { return sent_.size(); }
    /// The `number`-th last one; `number` from 1 to size().
    Moment last(std::size_t number) const { return sent_[sent_.size() - number]; }
    /// How many were sent after `from`.
    std::size_t sent_after(Moment from) const {
        return static_cast<std::size_t>(sent_.end() - std::ranges::upper_bound(sent_, from));
    }

  private:
    std::deque<Moment> sent_;
};

/// One time that the limit was reached: a run of requests that were taken, until one was refused,
/// and the closure after it, in which the server took none.
struct Episode {
    double taken = 0;           ///< requests of the run
    double run_s = 0;           ///< how long it lasted, as far as somebody wanted to send
    double closed_before_s = 0; ///< the closure before the run
    double refused = 0;         ///< requests, of the run's end and of the closure
    double counted = 0;         ///< requests in the known window when the first one was refused
    double closed_least_s = 0;  ///< the closure was no shorter …
    double closed_most_s = 0;   ///< … and no longer than this
    double late_s = 0;          ///< how much longer it lasted than the known window asked for
};

} // namespace medibridge::http
