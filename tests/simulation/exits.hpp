#pragma once

#include "player.hpp"
#include "scenario.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace medibridge::simulation {

/// Where a scenario is interrupted, and how.
struct Interruption {
    enum class Kind : std::uint8_t {
        /// The process, at the n-th step of the cycle. It is started again at once.
        killed,
        /// There the machine loses power. Life goes on until it is back.
        power_cut,
        /// In the middle of the n-th change that the cycle makes on the disk. The machine is back
        /// at once.
        power_cut_in_change,
        /// The disk fails from its n-th operation in the cycle to the cycle's end. Life goes on.
        disk_error,
    };

    Kind kind = Kind::killed;
    std::size_t cycle = 1; ///< counted from 1
    std::int64_t at = 1;   ///< counted from 1 in that cycle
};
inline constexpr int interruption_kinds = static_cast<int>(Interruption::Kind::disk_error) + 1;

/// `killed`, `power_cut`, …, as medibridge-simulate names them.
std::string name(Interruption::Kind kind);

/// The story with that interruption, and with the cycle again behind it where it is done again at
/// once.
Story interrupted(const Story& story, const Interruption& interruption);

/// Plays a scenario with interruptions and compares the ends that it comes to.
///
/// Where the cycle is done again at once, the end must be that of the uninterrupted story. Where
/// life goes on first, or went on while the cycle ran, a patient whom the interrupted cycle would
/// have dealt with may also end as if that cycle had never been: what a user edits is not there
/// yet, what the HIS changes in two cycles comes in one. Each patient must have the one end or the
/// other, whole.
class Trial {
  public:
    /// Plays it without any. The scenario outlives the trial.
    explicit Trial(const Scenario& scenario);

    const Played& uninterrupted() const { return uninterrupted_; }
    std::size_t cycles() const { return cycles_; }
    /// How many interruptions of a kind a cycle has.
    std::int64_t places(Interruption::Kind kind, std::size_t cycle) const;
    /// What was wrong without and with the interruption; empty: nothing.
    std::string mistakes() const;
    std::string mistakes(const Interruption& interruption);

  private:
    const std::string& end_without(std::size_t cycle);

    const Scenario* scenario_;
    std::size_t cycles_ = 0;
    Played uninterrupted_;
    std::map<std::size_t, std::string> ends_without_; ///< the cycle that never was; as needed
};

} // namespace medibridge::simulation
