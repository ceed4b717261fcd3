#pragma once

#include "base/bytes/id_set.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/observations.hpp"
#include "sync/core/settings.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Linked patients who look different in Medicapp while the HIS's side is as it was, or who are not
/// there any more. `known` is of `ids`, in their order.
namespace medibridge::sync {

/// Those of the patients whom Medicapp showed changed who would be written again.
Changes count_reassertions(const Rules& rules, const Observations& observations,
                                const std::vector<std::string>& ids,
                                const std::vector<state::Known>& known);

/// Where the fields' authority keeps Medicapp's value it becomes what is agreed. Where the HIS's
/// value is to be written again, its record is wanted: the state holds no values.
Effects settle_drift(const Rules& rules, Observations& observations,
                     const std::vector<std::string>& ids, const std::vector<state::Known>& known);

/// For patients whom the sources do not have any more: what Medicapp shows becomes what is agreed.
Effects keep_shown(Observations& observations, const std::vector<std::string>& ids,
                   const std::vector<state::Known>& known);

/// Linked patients whom a proven list of everybody does not show.
struct MissingPatients {
    std::int64_t linked = 0;    ///< all who are
    std::int64_t plausible = 0; ///< so many are remembered
    Changes changes; ///< all of them
    std::vector<state::Link> links;

    void note(const base::IdSet& listed, const state::Link& link);
};

/// Patients who were erased in Medicapp: held with a tombstone, or wanted again where the operator
/// has chosen to recreate them.
Effects record_erasures(const Rules& rules, Observations& observations,
                        const std::vector<state::Link>& erased);

} // namespace medibridge::sync
