#include "connectors/mapping/choice.hpp"

#include "reconcile/assess.hpp"
#include "reconcile/normal_form.hpp"

#include <algorithm>
#include <vector>

namespace medibridge::connectors {

using reconcile::Field;

std::optional<std::size_t> choose(std::span<const Candidate> candidates,
                                  std::optional<reconcile::Instant> now,
                                  const std::function<bool(std::size_t)>& is_usable) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (candidates[i].period.holds(now)) order.push_back(i);
    }
    if (order.empty()) return std::nullopt;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return candidates[i].rank; });
    const auto best = std::ranges::find_if(order, is_usable);
    return best == order.end() ? order.front() : *best;
}

bool is_usable(Field field, std::string_view text, std::string_view region) {
    const auto normal = reconcile::source_value(field, text, region);
    return normal.ok() && !normal.text.empty();
}

bool is_usable_external_id(std::string_view text) {
    const auto normal = reconcile::normal_external_id(text);
    return normal.ok() && !normal.text.empty();
}

} // namespace medibridge::connectors
