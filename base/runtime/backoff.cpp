#include "base/runtime/backoff.hpp"

#include <algorithm>

namespace medibridge::runtime {

std::chrono::milliseconds Backoff::jitter(std::chrono::milliseconds range) {
    if (range <= std::chrono::milliseconds(0)) return std::chrono::milliseconds(0);
    std::uniform_int_distribution<std::chrono::milliseconds::rep> pick(0, range.count());
    return std::chrono::milliseconds(pick(random_));
}

std::chrono::milliseconds Backoff::wait(int failures) {
    constexpr int most_doublings = 20;
    const int doublings = std::clamp(failures - 1, 0, most_doublings);
    const auto range = std::min(longest_, base_ * (std::int64_t{1} << doublings));
    return std::max(least_wait, jitter(range));
}

} // namespace medibridge::runtime
