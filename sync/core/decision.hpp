#pragma once

#include "reconcile/field_table.hpp"
#include "reconcile/hold.hpp"
#include "reconcile/identity_drift.hpp"

#include <optional>
#include <string>
#include <vector>

namespace medibridge::sync {

/// What is to be done with one HIS record.
class Decision {
  public:
    enum class Kind {
        nothing,    ///< both sides are as agreed
        untouched,  ///< the record is older than what was taken, or cannot be decided now
        refresh,    ///< no write: what both sides look like becomes the baseline
        still_held, ///< held before, and nothing has changed since
        hold,
        inspect, ///< read the Medicapp patients `inspect_ids` first, then decide again
        create,
        update,
        adopt, ///< link to the Medicapp patient that was read, writing what differs
    };

    Decision() = default;
    explicit Decision(Kind what) : kind(what) {}
    static Decision hold_for(reconcile::HoldReason reason, std::string field = {},
                             std::string detail = {}, std::string medicapp_id = {});
    static Decision inspect(std::vector<std::string> medicapp_ids);

    Kind kind = Kind::nothing;
    reconcile::UpdatePlan plan;           ///< for update and adopt
    reconcile::HoldReason hold_reason{};  ///< for hold
    std::string field;                    ///< for hold: the field at fault
    std::string detail;                   ///< for hold: words without values
    std::string medicapp_id;              ///< the Medicapp patient concerned
    std::vector<std::string> inspect_ids; ///< for inspect
    /// For inspect: the patient into whom this one was merged, before a merge that was undone makes
    /// a second one of them.
    bool inspects_survivor = false;
    /// For inspect: the record is older than what was taken; it may hold the patient, as it may
    /// describe somebody else, but changes nothing.
    bool may_only_hold = false;
    bool write_external_id = false; ///< for adopt: the patient has none yet
    /// For update: what is to be remembered of the identity once it is written.
    std::optional<reconcile::IdentityDrift> drift;
};

/// Whether the hold is about what a source says of the patient's own state, so that nothing of
/// other sources is written before that source says otherwise.
bool stops_all_sources(reconcile::HoldReason reason);
/// Whether the cause of the hold lies in Medicapp or between us: any source's record may end it.
bool lies_in_medicapp(reconcile::HoldReason reason);

} // namespace medibridge::sync
