#pragma once

#include <cstdint>

namespace medibridge::daemon {

/// For what need not be repeatable in a hospital: the jitter of retries.
std::uint64_t random_seed();

} // namespace medibridge::daemon
