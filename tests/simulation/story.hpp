#pragma once

#include "deed.hpp"
#include "network.hpp"

#include "sandbox/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::simulation {

/// One cycle of the daemon and what befalls it.
struct CycleAct {
    bool full = false;
    /// It takes what the HIS has pushed, where the service would begin such a cycle, and another
    /// act follows at once.
    bool arrivals = false;
    /// On the operator's word, who was shown what stopped the last cycle: just that.
    bool accept_rewind = false;
    bool accept_mapping = false;
    std::vector<Weather> weather;
    /// Deeds that happen while the cycle runs, just as its n-th request leaves; some time
    /// after it, if it sends fewer.
    std::vector<std::pair<std::int64_t, Deed>> meanwhile;
    /// An operator moved the state away before, as one does with a damaged one; the key and the
    /// facts stay. Such a cycle is a full one.
    bool state_lost = false;
    std::int64_t dies_at = 0; ///< the step at which the process is killed; 0: it lives
    bool power_cut = false;   ///< the machine loses power there
    /// The n-th operation on the disk fails; 0: none.
    std::int64_t disk_fails_at = 0;
    /// The power goes in the middle of the n-th change of the disk; 0: it does not.
    std::int64_t power_goes_at_change = 0;
};

/// A deed, or a cycle.
struct Act {
    std::optional<Deed> deed;
    CycleAct cycle; ///< unless there is a deed
};

/// What happens, from an empty Medicapp, an empty HIS and no state on.
struct Story {
    std::uint64_t seed = 1; ///< of everything that the acts leave open
    sandbox::MedicappSwitches switches;
    std::string sync; ///< keys of the configuration's `sync`
    /// How many HISes push what changes, and no list of theirs is read; 0: the HIS's list is read.
    int inboxes = 0;
    bool steady_date = false; ///< this machine's clock goes as it should
    std::vector<Act> acts;
};

/// The story of a seed.
Story story_of(std::uint64_t seed);

/// One line an act.
std::string in_words(const Story& story);

Act act(Deed deed);
Act act(CycleAct cycle);

} // namespace medibridge::simulation
