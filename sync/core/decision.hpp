#pragma once

#include "connectors/medicapp/values.hpp"
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
    /// For inspect: the patient into whom this one was merged, before a merge that was undone makes
    /// a second one of them.
    bool inspects_survivor = false;
    bool write_external_id = false; ///< for adopt: the patient has none yet
    /// For update: what is to be remembered of the identity once it is written.
    std::optional<reconcile::IdentityDrift> drift;
};

/// What a decision depends on besides the record itself.
struct DecisionInput {
    DecisionInput(const reconcile::Assessed& the_record, const reconcile::SideView& his_view,
                  const state::Known& what_is_known,
                  const std::optional<reconcile::SideView>& seen_view,
                  const std::vector<std::string>& ids, const reconcile::Digest& digest,
                  const reconcile::Policy& rules, const reconcile::IdentityPolicy& identity_rules)
        : record(the_record),
          his(his_view),
          known(what_is_known),
          seen(seen_view),
          look_alikes(ids),
          record_digest(digest),
          policy(rules),
          identity(identity_rules) {}

    const reconcile::Assessed& record;
    const reconcile::SideView& his;
    const state::Known& known;
    const std::optional<reconcile::SideView>& seen;
    /// Unlinked Medicapp patients without externalId that may be the same person.
    const std::vector<std::string>& look_alikes;
    const reconcile::Digest& record_digest;
    const reconcile::Policy& policy;
    const reconcile::IdentityPolicy& identity;
    /// Held items are looked at again although their record is the same.
    bool retry_held = false;
    /// A record that is older than what was taken says how the HIS is now: the operator says so, or
    /// it comes from the source that was taken last, which knows its own order.
    bool accept_older = false;
    /// The patient is held for what another source says of them, which this one cannot unsay.
    bool held_by_other = false;
    /// The linked Medicapp patient, read just now; null: not read.
    const connectors::MedicappPatient* look = nullptr;
    /// This machine's clock; nothing: not known.
    std::optional<reconcile::Instant> machine_clock;
    /// All clocks at hand.
    reconcile::Clocks clocks;
};

/// Whether the hold is about what a source says of the patient's own state, so that nothing of
/// other sources is written before that source says otherwise.
bool stops_all_sources(reconcile::HoldReason reason);
/// Whether the cause of the hold lies in Medicapp or between us: any source's record may end it.
bool lies_in_medicapp(reconcile::HoldReason reason);

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
                         const reconcile::SideView& holder_view, const reconcile::Policy& policy,
                         const reconcile::IdentityPolicy& identity);

/// Decides for a record in use whose patient was merged into `survivor` and is not in Medicapp: two
/// people after all, or still the same one, under the number that was given up.
Decision decide_after_merge(const reconcile::Assessed& record,
                            const connectors::MedicappPatient& survivor,
                            const reconcile::IdentityPolicy& identity);

/// Decides for a record that resembles Medicapp patients without externalId, which were read.
Decision decide_look_alike(const reconcile::Assessed& record, const reconcile::SideView& his,
                           const std::vector<connectors::MedicappPatient>& candidates,
                           const std::vector<reconcile::SideView>& views,
                           const reconcile::Policy& policy,
                           const reconcile::IdentityPolicy& identity);

/// Whether both records of one poll describe the same person.
bool same_person(const reconcile::Assessed& a, const reconcile::Assessed& b);

} // namespace medibridge::sync
