#pragma once

#include <chrono>
#include <optional>
#include <string_view>

/// What the headers of an answer say about time: its date, and how long to wait.
namespace medibridge::http {

/// Reads an HTTP date in its three historic forms (RFC 9110 §5.6.7). A year of two digits lies
/// between 1970 and 2069.
std::optional<std::chrono::sys_time<std::chrono::milliseconds>>
parse_http_date(std::string_view text);

/// The headers in which a server says how fast it accepts requests; empty: absent.
struct PacingHeaders {
    std::string_view retry_after; ///< seconds, or an HTTP date
    std::string_view date;        ///< the server's own clock
    std::string_view remaining;   ///< X-RateLimit-Remaining
    std::string_view reset;       ///< X-RateLimit-Reset: seconds from now, or Unix time
};

/// The longest pause that a server may ask for: a mistake of theirs must not stop us for a day.
inline constexpr std::chrono::milliseconds longest_pause{300'000};

/// How long the server asks us to wait, 0 to `longest_pause`; nothing if it does not say, or says
/// something that cannot be read. `refused`: the answer is a refusal (429, 503), whose Retry-After
/// counts; of any other answer only "nothing remains until the reset" counts. Dates are taken
/// relative to the answer's own Date, never to this machine's clock.
std::optional<std::chrono::milliseconds> requested_pause(const PacingHeaders& headers,
                                                         bool refused);

} // namespace medibridge::http
