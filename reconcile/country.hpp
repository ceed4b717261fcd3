#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::reconcile {

/// How addresses name a country: its codes of ISO 3166-1 and its names in French and English, in
/// the usual cases of letters. `region`: the code of two letters; of an unknown one, the code
/// alone.
std::vector<std::string> country_names(std::string_view region);

} // namespace medibridge::reconcile
