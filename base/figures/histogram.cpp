#include "base/figures/histogram.hpp"

#include <algorithm>
#include <numeric>

namespace medibridge::figures {

void Histogram::note(double seconds) {
    const double value = std::max(seconds, 0.0);
    const auto place = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    ++counts_[static_cast<std::size_t>(place)];
    sum_ += value;
}

std::int64_t Histogram::count() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
}

} // namespace medibridge::figures
