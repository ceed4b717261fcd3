#pragma once

#include "control/backend.hpp"
#include "state/store.hpp"
#include "sync/core/report.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

/// What the state remembers of past cycles. All times are milliseconds since 1970, UTC.
namespace medibridge::daemon {

/// When the last full compare of all sources ended well; nothing: never.
std::optional<std::int64_t> last_full_compare(state::Store& store);

/// Whether a full compare is due. It is a matter of schedule only, so this machine's clock will do:
/// if that went back, the compare comes early. Zero `interval`: never.
bool is_due(std::optional<std::int64_t> last_ms, std::chrono::milliseconds interval,
            std::int64_t now_ms);

/// The last cycle that ended, and when the last complete one did; nothing: none yet.
std::optional<control::FormerCycle> former_cycle(state::Store& store);

/// Remembers that a cycle ended so at `end_ms`. `compared_ms`: when it began, if it was complete
/// and compared all patients.
void remember_cycle(state::Batch& batch, const sync::Report& report, std::int64_t end_ms,
                    std::optional<std::int64_t> compared_ms);

} // namespace medibridge::daemon
