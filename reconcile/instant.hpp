#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::reconcile {

/// A moment as a server stated it, floored to milliseconds (a watermark is never rounded up).
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;

/// How fine a server's timestamps are, as far as one of them shows.
enum class Precision { seconds, milliseconds };

struct Timestamp {
    Instant instant;
    Precision precision;
    /// How long that lasts which the text names, from `instant` on: a second, a minute, a day.
    std::chrono::milliseconds grain{1};
    /// The last moment that the text can mean.
    Instant latest() const { return instant + grain - std::chrono::milliseconds(1); }
};

/// Reads RFC 3339 with any offset (`Z`, `+02:00`, `+0200`) and any number of fractional digits;
/// digits past the third are cut; a leap second becomes the millisecond before it ends a day.
/// Nothing for anything else, including a time without an offset.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// Writes RFC 3339 in UTC: `2026-01-31T09:05:00Z`, with `.123` for milliseconds; floored. Moments
/// before the year 0 or after 9999 are written as the first or last moment of that range.
std::string format_rfc3339(Instant instant, Precision precision);

/// Whether a time in the data is plausible: it is not later than the latest known clock (this
/// machine's, a server's own) by more than a day. Without a clock, any time is plausible.
bool is_believable(Instant stated, std::optional<Instant> latest_clock);

} // namespace medibridge::reconcile
