#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// Milliseconds since the Unix epoch, or of a steady clock.
using Millis = std::int64_t;

/// The machine's clocks, or a test's.
class Clock {
  public:
    virtual ~Clock() = default;
    /// The date, in milliseconds since the Unix epoch.
    virtual Millis wall() const;
    /// Elapsed time; never goes back.
    virtual Millis steady() const;
};

enum class Precision { seconds, milliseconds };

/// Appends RFC 3339 in UTC: `2026-01-31T09:05:07.123Z`.
void append_utc(std::string& out, Millis time, Precision precision);
/// The legal time of Paris with its offset: `2026-01-31T10:05:07+01:00`.
void append_paris(std::string& out, Millis time);
/// `Sat, 31 Jan 2026 09:05:07 GMT`.
std::string http_date(Millis time);

/// Reads RFC 3339; digits past milliseconds are cut. A date alone is its first moment. Without an
/// offset: nothing, or Paris time if `paris_by_default`; `T` may then be a space.
std::optional<Millis> parse_time(std::string_view text, bool paris_by_default = false);

/// Whether the text is `YYYY-MM-DD` and the calendar has that day.
bool is_calendar_date(std::string_view text);

} // namespace medibridge::sandbox
