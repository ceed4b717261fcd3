#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace medibridge::http {

/// The headers by which a server says how fast it may be asked; empty: not there.
struct PacingHeaders {
    std::string_view retry_after; ///< seconds, or an HTTP date
    std::string_view date;        ///< the server's own clock
    std::string_view remaining;   ///< X-RateLimit-Remaining
    std::string_view reset;       ///< X-RateLimit-Reset: seconds from now, or Unix time
};

/// The longest pause that a server may ask for: a mistake of theirs must not stop us for a day.
inline constexpr std::chrono::milliseconds longest_pause{300'000};

/// How long the server asks to be left alone, 0 to `longest_pause`; nothing if it does not say, or
/// says something that cannot be read. `refused`: the answer is a refusal (429, 503), whose
/// Retry-After counts; of any other answer only "nothing remains until the reset" counts.
/// Dates are taken relative to the answer's own Date, never to this machine's clock.
std::optional<std::chrono::milliseconds> requested_pause(const PacingHeaders& headers,
                                                         bool refused);

} // namespace medibridge::http
