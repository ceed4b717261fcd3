#include "state/records.hpp"

#include <algorithm>
#include <array>

namespace medibridge::state {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 5> decision_names = {"retry", "link", "create", "update",
                                                            "ignore"};

} // namespace

std::string_view name(OperatorDecision::Kind kind) {
    return decision_names[static_cast<std::size_t>(kind)];
}

std::optional<OperatorDecision::Kind> decision_named(std::string_view text) {
    const auto* found = std::ranges::find(decision_names, text);
    if (found == decision_names.end()) return std::nullopt;
    return static_cast<OperatorDecision::Kind>(found - decision_names.begin());
}

} // namespace medibridge::state
