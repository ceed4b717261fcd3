#include "connectors/his/retrying_get.hpp"

#include "reconcile/server_hint.hpp"

#include <algorithm>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;

/// What one attempt came to.
struct Outcome {
    enum class Next { accept, retry, give_up };
    Next next = Next::accept;
    Kind kind = Kind::unavailable;
    std::string what;
    std::optional<runtime::Duration> asked;
};

Outcome give_up(Kind kind, std::string what) {
    return {Outcome::Next::give_up, kind, std::move(what), {}};
}

Outcome retry(Kind kind, std::string what) {
    return {Outcome::Next::retry, kind, std::move(what), {}};
}

Outcome judge(const http::Error& error) {
    switch (error.kind) {
    case http::ErrorKind::cancelled:
        return give_up(Kind::cancelled, "cancelled");
    case http::ErrorKind::too_large:
        return give_up(Kind::unreadable,
                       "the answer is larger than allowed: set a smaller `page_size`, and check "
                       "that `query.per_page` names the parameter that the HIS follows");
    default:
        return retry(Kind::unavailable, error.what);
    }
}

std::string mending(int status) {
    if (status >= 300 && status < 400)
        return "redirects are not followed: give the final address in `url`";
    if (status == 400 || status == 422)
        return "the HIS refuses the query: check the names under `query` and "
               "`modified_after_format`";
    if (status == 404 || status == 410) return "there is nothing: check `url`";
    if (status == 407) return "the proxy asks for credentials: check `proxy`";
    return "the HIS refuses the request: check `url` and `query`";
}

/// How long the HIS asks to be left alone.
std::optional<runtime::Duration> requested_pause(const http::Response& response) {
    reconcile::PacingHeaders headers;
    headers.retry_after = response.header("Retry-After");
    headers.date = response.header("Date");
    headers.remaining = response.header("X-RateLimit-Remaining");
    headers.reset = response.header("X-RateLimit-Reset");
    return reconcile::requested_pause(headers, true);
}

Outcome judge(const http::Response& response, const RetryingGet::Reader& read, bool may_be_absent) {
    const auto status = response.status;
    const auto answered = "HTTP " + std::to_string(status);
    if (status >= 200 && status < 300) {
        auto fault = read(response);
        if (fault.empty()) return {};
        return retry(Kind::unreadable, "the answer cannot be used: " + std::move(fault));
    }
    if (status == 404 && may_be_absent) return {};
    if (status == 401 || status == 403)
        return give_up(Kind::unauthorized, answered + ": credentials refused: check `auth`");
    if (status == 408 || status == 425 || status == 429 || status >= 500) {
        auto outcome = retry(Kind::unavailable, answered);
        outcome.asked = requested_pause(response);
        return outcome;
    }
    return give_up(Kind::unreadable, answered + ": " + mending(status));
}

} // namespace

RetryingGet::RetryingGet(http::Transport& transport, runtime::Clock& clock, std::uint64_t seed,
                         RetryLimits limits)
    : transport_(transport),
      clock_(clock),
      random_(seed),
      limits_(limits) {}

void RetryingGet::cancel() {
    cancelled_ = true;
    clock_.wake();
}

runtime::Task<void> RetryingGet::wait(runtime::Duration delay) {
    const auto until = clock_.now() + delay;
    // Somebody else may wake the clock.
    while (!cancelled_ && clock_.now() < until)
        co_await clock_.sleep_until(until);
}

runtime::Duration RetryingGet::delay_after(int attempt, std::optional<runtime::Duration> asked) {
    const auto doubled = limits_.first_delay * (std::int64_t{1} << std::min(attempt, 20));
    const auto most = std::min(doubled, limits_.longest_delay);
    std::uniform_int_distribution<std::int64_t> any(1, most.count());
    const runtime::Duration chosen(any(random_));
    return std::max(chosen, std::min(asked.value_or(runtime::Duration(0)), limits_.longest_asked));
}

runtime::Task<SourceResult<http::Response>>
RetryingGet::get(http::Request request, Reader read, std::string where, bool may_be_absent) {
    for (int attempt = 0;; ++attempt) {
        if (cancelled_) co_return SourceError(Kind::cancelled, where + ": cancelled");
        ++requests_;
        http::Request copy = request;
        auto sent = co_await transport_.send(std::move(copy));
        if (cancelled_) co_return SourceError(Kind::cancelled, where + ": cancelled");
        auto outcome = sent ? judge(*sent, read, may_be_absent) : judge(sent.error());
        if (outcome.next == Outcome::Next::accept) co_return std::move(*sent);
        if (outcome.next == Outcome::Next::give_up)
            co_return SourceError(outcome.kind, where + ": " + outcome.what);
        if (attempt + 1 >= limits_.attempts)
            co_return SourceError(outcome.kind, where + ": " + outcome.what + " (" +
                                                    std::to_string(limits_.attempts) +
                                                    " attempts)");
        const auto delay = delay_after(attempt, outcome.asked);
        co_await wait(delay);
    }
}

} // namespace medibridge::connectors
