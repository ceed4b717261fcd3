#pragma once

#include "base/log/event.hpp"
#include "config/settings.hpp"
#include "sync/core/report.hpp"

namespace medibridge::tests {

/// Opens the bridge in this process, with its real clients and state, runs one cycle and closes it.
/// Rethrows what the cycle throws.
sync::Report run_bridge(const config::Settings& settings, log::EventLog& log);

} // namespace medibridge::tests
