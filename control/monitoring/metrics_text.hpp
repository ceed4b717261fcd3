#pragma once

#include "control/monitoring/snapshot.hpp"

#include <string>

namespace medibridge::monitoring {

/// Of Prometheus' text format, version 0.0.4.
inline constexpr const char* metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// The catalogue's metrics in that format; those that have no value now are left out. Costs the
/// same however many patients are linked.
std::string metrics_text(const Snapshot& snapshot);

} // namespace medibridge::monitoring
