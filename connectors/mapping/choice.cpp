#include "connectors/mapping/choice.hpp"

#include "reconcile/birth_date.hpp"
#include "reconcile/email.hpp"
#include "reconcile/phone.hpp"
#include "reconcile/text.hpp"

#include <algorithm>
#include <vector>

namespace medibridge::connectors {

using reconcile::Field;

namespace {

reconcile::Normal normal_value(Field field, std::string_view text, std::string_view region) {
    switch (field) {
    case Field::last_name:
    case Field::first_name:
        return reconcile::normal_name(text);
    case Field::birth_date:
        return reconcile::normal_birth_date(text);
    case Field::email:
        return reconcile::normal_email(text);
    case Field::phone:
        return reconcile::normal_phone(text, region);
    case Field::gender:
    case Field::street:
    case Field::city:
    case Field::postal_code:
    case Field::country:
        break;
    }
    return reconcile::normal_text(text, reconcile::Shape::line);
}

} // namespace

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
    const auto normal = normal_value(field, text, region);
    return normal.ok() && !normal.text.empty();
}

} // namespace medibridge::connectors
