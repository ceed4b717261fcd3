#include "base/http/server_hint.hpp"

#include "base/bytes/ascii.hpp"
#include "base/http/http_date.hpp"

#include <algorithm>
#include <cstdint>

namespace medibridge::http {
namespace {

using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// Numbers from here on are Unix times; from the second one on, in std::chrono::milliseconds.
constexpr std::int64_t first_unix_time = 1'000'000'000;
constexpr std::int64_t first_unix_time_ms = 1'000'000'000'000;
constexpr std::int64_t largest_number = 100'000'000'000'000'000;

std::chrono::milliseconds clamped(std::chrono::milliseconds pause) {
    return std::clamp(pause, std::chrono::milliseconds(0), longest_pause);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A decimal number without sign, as thousandths; digits past the third are cut. Larger numbers
/// are `largest_number`.
std::optional<std::int64_t> thousandths(std::string_view text) {
    std::int64_t value = 0;
    int decimals = -1; // -1: no point so far
    bool digits = false;
    for (const char c : text) {
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (!base::is_ascii_digit(c)) return std::nullopt;
        digits = true;
        if (decimals == 3) continue;
        if (decimals >= 0) ++decimals;
        value = std::min(value * 10 + (c - '0'), largest_number);
    }
    if (!digits) return std::nullopt;
    for (int place = std::max(decimals, 0); place < 3; ++place) {
        value = std::min(value * 10, largest_number);
    }
    return value;
}

std::optional<std::chrono::milliseconds> until(std::optional<Instant> when, std::string_view date) {
    const auto now = parse_http_date(trimmed(date));
    if (!when || !now) return std::nullopt;
    return clamped(*when - *now);
}

std::optional<std::chrono::milliseconds> pause_of_retry_after(const PacingHeaders& headers) {
    const auto text = trimmed(headers.retry_after);
    if (text.empty()) return std::nullopt;
    if (const auto number = thousandths(text)) return clamped(std::chrono::milliseconds(*number));
    return until(parse_http_date(text), headers.date);
}

std::optional<std::chrono::milliseconds> pause_of_reset(const PacingHeaders& headers) {
    const auto number = thousandths(trimmed(headers.reset));
    if (!number) return std::nullopt;
    const auto seconds = *number / 1000;
    if (seconds < first_unix_time) return clamped(std::chrono::milliseconds(*number));
    const Instant when(std::chrono::milliseconds(seconds < first_unix_time_ms ? *number : seconds));
    return until(when, headers.date);
}

} // namespace

std::optional<std::chrono::milliseconds> requested_pause(const PacingHeaders& headers,
                                                         bool refused) {
    if (refused) {
        if (const auto pause = pause_of_retry_after(headers)) return pause;
    }
    const auto remaining = thousandths(trimmed(headers.remaining));
    const bool exhausted = remaining ? *remaining == 0 : refused;
    return exhausted ? pause_of_reset(headers) : std::nullopt;
}

} // namespace medibridge::http
