#pragma once

#include <array>
#include <cstdint>

namespace medibridge::sandbox {

/// What one side was asked and how it answered.
struct SideStats {
    std::array<std::uint64_t, 5> by_verb{};     ///< indexed by Verb
    std::array<std::uint64_t, 600> by_status{}; ///< of whole answers
    std::uint64_t lists = 0;                    ///< GETs of the list
    std::uint64_t unanswered = 0;               ///< cut, closed or reset on purpose
    std::uint64_t faults = 0;                   ///< requests that a fault rule struck
    std::uint64_t in_flight = 0;
    std::uint64_t most_in_flight = 0;
};

/// What the PUTs that took effect were worth.
struct PutStats {
    std::uint64_t done = 0;
    std::uint64_t without_change = 0; ///< everything they said was so already
    std::uint64_t fields = 0;         ///< carried
    std::uint64_t same_fields = 0;    ///< carried, but equal already
};

} // namespace medibridge::sandbox
