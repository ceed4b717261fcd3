#pragma once

#include <cstdint>

namespace medibridge::sandbox {

/// A bijection of 64-bit numbers that looks random (splitmix64): different inputs give different
/// outputs, so that counters become identifiers without collisions.
constexpr std::uint64_t mix(std::uint64_t x) {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9U;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

/// The inverse of mix.
constexpr std::uint64_t unmix(std::uint64_t x) {
    x = (x ^ (x >> 31) ^ (x >> 62)) * 0x319642b2d24d8ec3U;
    x = (x ^ (x >> 27) ^ (x >> 54)) * 0x96de1b173f119089U;
    return x ^ (x >> 30) ^ (x >> 60);
}

/// Repeatable randomness: the same seed gives the same numbers on every machine.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(mix(seed + golden)) {}

    std::uint64_t next() {
        state_ += golden;
        return mix(state_);
    }
    /// From 0 to count - 1; 0 if count is 0.
    std::uint64_t below(std::uint64_t count) { return count == 0 ? 0 : next() % count; }
    bool chance(double probability) {
        return static_cast<double>(next() >> 11) * 0x1.0p-53 < probability;
    }

  private:
    static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    std::uint64_t state_;
};

} // namespace medibridge::sandbox
