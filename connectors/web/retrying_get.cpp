#include "connectors/web/retrying_get.hpp"

#include "base/http/timing_headers.hpp"
#include "connectors/json/parse.hpp"

#include <algorithm>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;

constexpr int too_many_requests = 429;

/// The result of one attempt.
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

Outcome judge(const http::Error& error, const RequestWords& words) {
    switch (error.kind) {
    case http::ErrorKind::cancelled:
        return give_up(Kind::cancelled, "cancelled");
    case http::ErrorKind::too_large:
        return give_up(Kind::unreadable,
                       "the answer is larger than allowed: set a smaller `page_size`, and " +
                           std::string(words.page_size));
    case http::ErrorKind::tls:
        return retry(Kind::unavailable, error.what + ": check the server's certificate, `ca_file` "
                                                     "and this machine's clock");
    default:
        return retry(Kind::unavailable, error.what);
    }
}

std::string how_to_fix(int status, const RequestWords& words) {
    auto what = status_words(status, words.address);
    if (!what.empty()) return what;
    if (status == 400 || status == 422)
        return "the HIS refuses the query: " + std::string(words.query);
    return "the HIS refuses the request: check `" + std::string(words.address) + "` and `query`";
}

bool is_html(const http::Response& response) {
    const auto type = response.header("Content-Type");
    return type.find("html") != std::string_view::npos ||
           json_fault(response.body, 0).find("HTML") != std::string::npos;
}

bool is_absent(int status, RetryingGet::Absent absent) {
    const bool about_us =
        status == 401 || status == 403 || status == 407 || status == too_many_requests;
    return (absent == RetryingGet::Absent::any && status >= 300 && !about_us) ||
           (status == 404 && absent != RetryingGet::Absent::fault) ||
           (status == 410 && absent == RetryingGet::Absent::gone);
}

/// How long the HIS asks us to wait.
std::optional<runtime::Duration> requested_pause(const http::Response& response) {
    http::PacingHeaders headers;
    headers.retry_after = response.header("Retry-After");
    headers.date = response.header("Date");
    headers.remaining = response.header("X-RateLimit-Remaining");
    headers.reset = response.header("X-RateLimit-Reset");
    return http::requested_pause(headers, true);
}

Outcome judge(const http::Response& response, const RetryingGet::Reader& read,
              RetryingGet::Absent absent, const RequestWords& words) {
    const auto status = response.status;
    const auto answered = "HTTP " + std::to_string(status);
    if (status >= 200 && status < 300) {
        auto fault = read(response);
        if (fault.empty()) return {};
        return retry(Kind::unreadable, "the answer cannot be used: " + std::move(fault));
    }
    if (is_absent(status, absent)) return {};
    if (status == 401 || status == 403) {
        // Not every server's own refusal is JSON, but a firewall's never is.
        const bool page = status == 403 && is_html(response);
        return give_up(Kind::unauthorized,
                       answered + (page
                                       ? ": refused with an HTML page: check `auth`, and whether a "
                                         "firewall or a proxy on the way sent it"
                                       : ": credentials refused: check `auth`"));
    }
    // 501 is permanent.
    if (status == 408 || status == 425 || status == too_many_requests ||
        (status >= 500 && status != 501)) {
        const auto why = status_words(status, words.address);
        auto outcome = retry(Kind::unavailable, answered + (why.empty() ? "" : ": " + why));
        outcome.asked = requested_pause(response);
        return outcome;
    }
    return give_up(Kind::unreadable, answered + ": " + how_to_fix(status, words));
}

} // namespace

std::string status_words(int status, std::string_view address) {
    const auto setting = "`" + std::string(address) + "`";
    switch (status) {
    case 301:
    case 308:
        return "the server has moved to another address for good, and redirects are not followed: "
               "set " +
               setting + " to that address";
    case 300:
    case 302:
    case 303:
    case 307:
        return "the server redirects (to a sign-in page, perhaps), and redirects are "
               "not followed: set " +
               setting + " to the final address";
    case 404:
    case 410:
        return "nothing is at this address: check " + setting;
    case 405:
    case 501:
        return "the server does not support this request: check " + setting;
    case 406:
        return "the server gives no JSON at this address: check " + setting;
    case 407:
        return "the proxy asks for a user and a password, or refuses them: set them in `proxy`";
    case 413:
    case 414:
    case 431:
        return "the request is too large for the server: check " + setting;
    case 429:
        return "the server asks for fewer requests";
    case 502:
    case 504:
        return "a gateway or a proxy on the way cannot reach the server";
    case 511:
        return "the network asks for a sign-in";
    default:
        return {};
    }
}

RetryingGet::RetryingGet(http::Transport& transport, runtime::Clock& clock, std::uint64_t seed,
                         RetryLimits limits, std::shared_ptr<figures::Side> figures,
                         RequestWords words)
    : transport_(transport),
      clock_(clock),
      backoff_(limits.first_delay, limits.longest_delay, seed),
      limits_(limits),
      figures_(std::move(figures)),
      words_(words) {}

void RetryingGet::cancel() {
    cancelled_ = true;
    clock_.wake();
}

runtime::Task<void> RetryingGet::wait(runtime::Duration delay) {
    const auto until = clock_.now() + delay;
    // Others may wake the clock too.
    while (!cancelled_ && clock_.now() < until)
        co_await clock_.sleep_until(until);
}

/// One attempt; an error here comes from the credentials.
runtime::Task<SourceResult<http::Result>> RetryingGet::attempt(http::Request request) {
    if (credentials_ != nullptr) {
        auto headers = co_await credentials_->headers();
        if (!headers) co_return std::unexpected(std::move(headers).error());
        for (auto& header : *headers)
            request.headers.push_back(std::move(header));
    }
    ++requests_;
    co_return co_await transport_.send(std::move(request));
}

runtime::Task<SourceResult<http::Response>> RetryingGet::get(http::Request request, Reader read,
                                                             std::string where, Absent absent) {
    bool renewed = false;
    // Whoever cancels it while it waits to try again learns what the last attempt came to.
    std::string last = where + ": cancelled";
    const auto cancelled = [&last] { return std::unexpected(SourceError(Kind::cancelled, last)); };
    for (int tried = 0;;) {
        if (cancelled_) co_return cancelled();
        http::Request copy = request;
        auto attempted = co_await attempt(std::move(copy));
        if (cancelled_) co_return cancelled();
        if (!attempted) co_return std::unexpected(std::move(attempted).error());
        auto& sent = *attempted;
        const bool unauthorized = sent && sent->status == 401;
        if (unauthorized && credentials_ != nullptr && !renewed && credentials_->refused()) {
            renewed = true;
            continue;
        }
        if (!sent && absent == Absent::any && sent.error().kind != http::ErrorKind::cancelled) {
            http::Response none;
            none.status = 0;
            co_return none;
        }
        auto outcome = sent ? judge(*sent, read, absent, words_) : judge(sent.error(), words_);
        // One who asks for patience is there.
        const bool failed =
            outcome.next == Outcome::Next::retry && !(sent && sent->status == too_many_requests);
        if (failed)
            figures_->note_failed(outcome.what);
        else
            figures_->note_answered();
        if (outcome.next == Outcome::Next::accept) co_return std::move(*sent);
        if (outcome.next == Outcome::Next::give_up)
            co_return std::unexpected(SourceError(outcome.kind, where + ": " + outcome.what));
        if (++tried >= limits_.attempts)
            co_return std::unexpected(
                SourceError(outcome.kind,
                            where + ": " + outcome.what + " (" + std::to_string(limits_.attempts) +
                                (limits_.attempts == 1 ? " attempt)" : " attempts)")));
        last = where + ": " + outcome.what;
        const auto asked =
            std::min(outcome.asked.value_or(runtime::Duration(0)), limits_.longest_asked);
        co_await wait(std::max(backoff_.wait(tried), asked));
    }
}

} // namespace medibridge::connectors
