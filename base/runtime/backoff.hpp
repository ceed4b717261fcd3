#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace medibridge::runtime {

/// Exponential backoff with full jitter: a wait between `least_wait` and
/// min(longest, base · 2^(failures-1)).
class Backoff {
  public:
    /// No wait is shorter, so that no retry becomes a busy loop.
    static constexpr std::chrono::milliseconds least_wait{50};

    Backoff(std::chrono::milliseconds base, std::chrono::milliseconds longest, std::uint64_t seed)
        : base_(base),
          longest_(longest),
          random_(seed) {}

    /// `failures`: how many there were in a row, from 1.
    std::chrono::milliseconds wait(int failures) {
        constexpr int most_doublings = 20;
        const int doublings = std::clamp(failures - 1, 0, most_doublings);
        const auto range = std::min(longest_, base_ * (std::int64_t{1} << doublings));
        return std::max(least_wait, jitter(range));
    }
    /// A random part of `range`, so that several instances do not act in step.
    std::chrono::milliseconds jitter(std::chrono::milliseconds range) {
        if (range <= std::chrono::milliseconds(0)) return std::chrono::milliseconds(0);
        std::uniform_int_distribution<std::chrono::milliseconds::rep> pick(0, range.count());
        return std::chrono::milliseconds(pick(random_));
    }

  private:
    std::chrono::milliseconds base_;
    std::chrono::milliseconds longest_;
    std::mt19937_64 random_;
};

} // namespace medibridge::runtime
