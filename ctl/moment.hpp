#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Times as an operator reads and writes them.
namespace medibridge::ctl {

using Moment = std::chrono::sys_seconds;

/// RFC 3339 with any offset; fractions of a second are dropped.
std::optional<Moment> read_moment(std::string_view text);
/// `2026-11-28T18:40:23Z`.
std::string rfc3339(Moment moment);

/// `3 days`, `1 hour`, `20 seconds`: the largest whole unit. Never negative.
std::string age_text(std::chrono::seconds age);
/// How long ago an RFC 3339 text was: `3 days ago`, or `in 2 hours`; the text itself where it is no
/// time, and `never` where it is empty.
std::string ago(std::string_view text, Moment now);

/// `90s`, `30m`, `2h`, `3d`, `2w`.
std::optional<std::chrono::seconds> read_duration(std::string_view text);
/// RFC 3339, a day (`2026-11-28`, from its beginning in UTC), or how long before `now`.
std::optional<Moment> read_since(std::string_view text, Moment now);
/// RFC 3339, or how long after `now`.
std::optional<Moment> read_until(std::string_view text, Moment now);

} // namespace medibridge::ctl
