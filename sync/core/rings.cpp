#include "sync/core/rings.hpp"

#include <algorithm>
#include <tuple>

namespace medibridge::sync {

bool is_overtaken(std::span<const RingMerge> ring) {
    if (ring.empty()) return false;
    const auto rank = [](const RingMerge& merge) {
        return std::tuple(merge.at, merge.kept, merge.place);
    };
    const auto latest = std::ranges::max_element(ring, {}, rank);
    return latest + 1 == ring.end();
}

} // namespace medibridge::sync
