#pragma once

#include "connectors/his/source.hpp"
#include "http/transport.hpp"
#include "runtime/clock.hpp"
#include "runtime/task.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>

namespace medibridge::connectors {

/// How long a source is given to recover within one read.
struct RetryLimits {
    int attempts = 5;                         ///< of one request, the first included
    runtime::Duration first_delay{500};       ///< doubled after each attempt, with full jitter
    runtime::Duration longest_delay{30'000};  ///< of our own choice
    runtime::Duration longest_asked{120'000}; ///< by the HIS; a longer Retry-After is cut to this
};

/// Sends GETs and repeats those that may succeed later: transport failures, 408, 425, 429, 5xx and
/// answers that cannot be read. Everything else is an answer or an error at once.
class RetryingGet {
  public:
    /// The transport and the clock must outlive it. `seed` is for the jitter.
    RetryingGet(http::Transport& transport, runtime::Clock& clock, std::uint64_t seed,
                RetryLimits limits);

    /// Takes a 2xx answer: the empty text if it can be used, else what is wrong with it, without
    /// any of its text.
    using Reader = std::function<std::string(const http::Response&)>;

    /// `where` begins the error texts: `page 3`. With `may_be_absent` a 404 is an answer; the
    /// reader does not see it.
    runtime::Task<SourceResult<http::Response>> get(http::Request request, Reader read,
                                                    std::string where, bool may_be_absent);

    std::int64_t requests() const { return requests_; }

    /// What is under way ends with `cancelled` before its next attempt, and so does what comes
    /// later. Wakes the clock's sleepers.
    void cancel();
    bool cancelled() const { return cancelled_; }

  private:
    runtime::Task<void> wait(runtime::Duration delay);
    runtime::Duration delay_after(int attempt, std::optional<runtime::Duration> asked);

    http::Transport& transport_;
    runtime::Clock& clock_;
    std::mt19937_64 random_;
    RetryLimits limits_;
    std::int64_t requests_ = 0;
    bool cancelled_ = false;
};

} // namespace medibridge::connectors
