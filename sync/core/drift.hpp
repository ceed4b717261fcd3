#pragma once

#include "sync/core/cycle_status.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Linked patients whose data changed in Medicapp while the HIS's side stayed the same, or who are
/// not in Medicapp any more. `known` belongs to `ids`, in their order.
namespace medibridge::sync {

/// Counts those of the patients whom Medicapp showed changed who would be written again.
void count_reassertions(const Rules& rules, const Observations& observations,
                        const std::vector<std::string>& ids, const std::vector<state::Known>& known,
                        ChangeCounter& changes);

/// If the authority keeps Medicapp's value, that value is agreed. If the HIS's value must be
/// written again, or a strict trait was changed, the HIS's record is wanted, because the state
/// holds no values. So is, once for each change in Medicapp, the record of a patient held for
/// `divergence`, or because it was refused.
Effects settle_drift(const Rules& rules, Memory& memory, Observations& observations,
                     const std::vector<std::string>& ids, const std::vector<state::Known>& known);

/// For patients whom no source has any more: what Medicapp shows is agreed.
Effects keep_shown(Observations& observations, const std::vector<std::string>& ids,
                   const std::vector<state::Known>& known);

/// Linked patients who are missing in a proven, complete list.
struct MissingPatients {
    std::int64_t linked = 0;    ///< all who are
    std::int64_t plausible = 0; ///< so many are remembered
    Changes changes;            ///< all of them
    std::vector<state::Link> links;

    void note(const state::Link& link);
};

/// Linked patients who were erased in Medicapp: held with a tombstone, or wanted again where the
/// operator has chosen to recreate them. The hold of a patient who was merged into another one
/// ends: nothing is left to be decided.
Effects record_erasures(const Rules& rules, Observations& observations,
                        const std::vector<state::Known>& erased);

} // namespace medibridge::sync
