#pragma once

#include "connectors/medicapp/medicapp.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/decide.hpp"
#include "reconcile/hold.hpp"
#include "state/records.hpp"

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
    bool write_external_id = false;       ///< for adopt: the patient has none yet
};

/// What a decision depends on besides the record itself.
struct DecisionInput {
    const reconcile::Assessed& record;
    const reconcile::SideView& his;
    const state::Known& known;
    const std::optional<reconcile::SideView>& seen;
    /// Unlinked Medicapp patients without externalId that may be the same person.
    const std::vector<std::string>& look_alikes;
    const reconcile::Digest& record_digest;
    const reconcile::Policy& policy;
    /// Held items are looked at again although their record is the same.
    bool retry_held;
    /// A record that is older than what was taken says how the HIS is now.
    bool accept_older;
};

/// The baselines after a write that nobody has answered: a value of Medicapp's that is the one that
/// was sent is ours, whatever its time says, and was agreed with what the HIS said then.
reconcile::Baselines with_unanswered_write(reconcile::Baselines baselines,
                                           const std::optional<state::Intent>& intent,
                                           const reconcile::SideView& medicapp);

/// Decides for one record, without any I/O.
Decision decide(const DecisionInput& input);

/// Decides for a record whose Medicapp patient was read because the externalId is taken there:
/// adopt, or hold if it is somebody else. `intent` is of a create that nobody has answered.
Decision decide_adoption(const reconcile::Assessed& record, const reconcile::SideView& his,
                         const std::optional<state::Intent>& intent,
                         const connectors::MedicappPatient& holder,
                         const reconcile::SideView& holder_view, const reconcile::Policy& policy);

/// Decides for a record that resembles Medicapp patients without externalId, which were read.
Decision decide_look_alike(const reconcile::Assessed& record, const reconcile::SideView& his,
                           const std::vector<connectors::MedicappPatient>& candidates,
                           const std::vector<reconcile::SideView>& views,
                           const reconcile::Policy& policy);

/// Whether both records of one poll describe the same person.
bool same_person(const reconcile::Assessed& a, const reconcile::Assessed& b);

} // namespace medibridge::sync
