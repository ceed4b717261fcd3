#pragma once

#include "base/figures/meters.hpp"

#include <cstdint>
#include <string>

namespace medibridge::control {

/// How many there are.
std::int64_t count_of(const figures::LeftFiles& files);

/// In a few words, with why each is left, the most frequent first; empty: there are none.
std::string told(const figures::LeftFiles& files);

} // namespace medibridge::control
