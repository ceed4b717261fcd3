#pragma once

#include "story.hpp"

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

namespace medibridge::simulation {

/// What playing a story came to.
struct Played {
    std::vector<std::string> broken; ///< invariants; empty: all hold
    std::int64_t steps = 0;          ///< requests, answers and commits, before and after
    std::int64_t faults = 0;         ///< troubles that struck, deaths, disk failures
    std::int64_t cycles = 0;
    std::string end_state; ///< see end_state()
    struct CycleLength {
        std::int64_t steps = 0;
        std::int64_t disk_operations = 0;
        std::int64_t disk_changes = 0; ///< of these
    };
    /// Of each cycle of the story in order, then of those that follow it.
    std::vector<CycleLength> cycle_lengths;
};

/// Plays a story, then lets the trouble end, and checks what must hold: after one clean cycle,
/// after one that reads both sides whole, and that nothing is written after that.
/// Where `log` is given, acts, requests and events are told there as they happen.
Played play(const Story& story, std::ostream* log = nullptr);

/// The shortest story found that still breaks an invariant, by leaving things out.
Story shrunk(Story story);

} // namespace medibridge::simulation
