#pragma once

#include "base/log/event.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace medibridge::log {

using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;
/// The pseudonym of an externalId; empty: the externalId itself.
using Pseudonym = std::function<std::string(const std::string& external_id)>;

/// Appends an event as one JSON object: ts, level, event, msg, then its fields in the order of Key.
/// A key given twice is written once, with the last value. No line end.
void append_json(std::string& out, const Event& event, WallTime when, const Pseudonym& pseudonym);

/// The same for people: `2026-01-31T09:05:00.000Z INFO  cycle.finished: cycle complete created=3`.
void append_text(std::string& out, const Event& event, WallTime when, const Pseudonym& pseudonym);

} // namespace medibridge::log
