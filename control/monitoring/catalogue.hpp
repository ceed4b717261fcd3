#pragma once

#include <span>
#include <string_view>

namespace medibridge::monitoring {

/// One metric that `/metrics` may show. docs/monitoring.md describes each; a test compares them.
struct Metric {
    enum class Type { counter, gauge, histogram };

    std::string_view name; ///< with its unit: Prometheus' conventions
    Type type;
    std::string_view labels; ///< comma-separated; empty: none
    std::string_view help;
};
std::string_view name(Metric::Type type);

/// In the order in which they are shown.
std::span<const Metric> catalogue();

} // namespace medibridge::monitoring
