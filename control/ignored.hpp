#pragma once

#include "control/call.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

/// Internal to the room: who left a held patient as they are.
namespace medibridge::control {

/// An operator's decision that ends when the record changes.
struct Ignored {
    std::string by; ///< empty: the audit does not reach back so far
    std::optional<std::int64_t> at_ms;
    std::string because; ///< the operator's own words; may be empty
};

/// Of those among `held` whom an operator left as they are, by Held::key. Reads the audit once,
/// however many they are, and not at all where there are none.
std::map<std::string, Ignored> who_ignored(state::Store& store,
                                           const std::vector<const state::Held*>& held);

/// Who, when and why; null: nobody did.
Json ignored_json(const std::map<std::string, Ignored>& ignored, const std::string& key);

} // namespace medibridge::control
