#pragma once

#include "base/log/event.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace medibridge::log {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// The pseudonym of an externalId; empty: the externalId itself.
using Pseudonym = std::function<std::string(const std::string& external_id)>;

/// Appends an event as one JSON object: ts, level, event, msg, then its fields in the order of Key.
/// A key given twice is written once, with the last value. No line end.
void append_json(std::string& out, const Event& event, WallTime when, const Pseudonym& pseudonym);

/// The same for people: `2026-01-31T09:05:00.000Z INFO  cycle.finished: cycle complete created=3`.
void append_text(std::string& out, const Event& event, WallTime when, const Pseudonym& pseudonym);

/// Calls `take` for each field in the order of Key, with its value as it stands in a line for
/// people, but never quoted: valid UTF-8 on one line, cut where it is too long.
void for_each_field(const Event& event, const Pseudonym& pseudonym,
                    const std::function<void(Key, std::string_view)>& take);

/// Longest value that is written, in bytes; the rest is cut and marked with `…`.
inline constexpr std::size_t max_value_size = 1024;

/// Appends `text` between double quotes, as JSON has it. Whatever its bytes are, the result is
/// valid UTF-8 on one line: control characters, line and paragraph separators and marks that turn
/// the direction of writing are escaped, bytes that are not UTF-8 become U+FFFD.
void append_quoted(std::string& out, std::string_view text);

/// Whether `text` needs no quotes in a line for people: one word in which nothing is escaped.
bool is_plain_word(std::string_view text);

} // namespace medibridge::log
