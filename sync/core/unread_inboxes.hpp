#pragma once

#include "state/records.hpp"
#include "sync/core/effects.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

/// What senders were told is accepted, and no source reads: a source was renamed or removed while
/// it waited. It stays, and is taken by the next source of that name.
namespace medibridge::sync {

/// How many records wait for each source that is not configured. `waiting`: as
/// Store::waiting_inboxes().
std::map<std::string, std::int64_t>
unread_inboxes(const std::map<std::string, state::InboxLoad>& waiting,
               const std::set<std::string>& configured);

/// One event for each.
Effects report_unread(const std::map<std::string, std::int64_t>& unread);

} // namespace medibridge::sync
