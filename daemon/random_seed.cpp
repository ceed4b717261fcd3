#include "daemon/random_seed.hpp"

#include <random>

namespace medibridge::daemon {

std::uint64_t random_seed() {
    std::random_device random;
    return (static_cast<std::uint64_t>(random()) << 32) | random();
}

} // namespace medibridge::daemon
