#pragma once

#include "connectors/medicapp/values.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/field_table.hpp"
#include "reconcile/hold.hpp"
#include "reconcile/identity_drift.hpp"
#include "state/records.hpp"
#include "sync/core/formers.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sync {

/// Why Medicapp patients are read before a decision.
enum class Inspection {
    candidates, ///< not linked: one of them may be the patient
    returned,   ///< erased before, and there again: see returned_as()
    /// The one into whom this one was merged, before a merge that was undone makes a second one of
    /// them; or a linked one who carries this externalId in Medicapp.
    survivor,
    former,   ///< Item::former, before the record makes a second one of them
    identity, ///< the linked one: does the update describe the same person?
    /// The linked one, for a record that is older than what was taken: it may hold the patient, as
    /// it may describe somebody else, but changes nothing.
    older_record,
};

/// What is to be done with one HIS record.
class Decision {
  public:
    enum class Kind {
        nothing,    ///< both sides are as agreed
        untouched,  ///< the record is older than what was taken, or left: see leave()
        refresh,    ///< no write: what both sides look like becomes the baseline
        still_held, ///< held before, and nothing has changed since
        hold,
        inspect, ///< read the Medicapp patients `inspect_ids` first, then decide again
        create,
        update,
        adopt, ///< link to the Medicapp patient that was read, writing what differs
        /// The linked patient has this externalId in Medicapp, as the HIS takes a merge or change
        /// of identifier back, or made one that is not known here: the link moves to this
        /// externalId, and then the record is decided again.
        take_back,
        /// The HIS gives this externalId to another person than the linked one, who carries it no
        /// more in Medicapp: the link ends, and then the record is decided again.
        let_go,
    };

    Decision() = default;
    explicit Decision(Kind what) : kind(what) {}
    static Decision hold_for(reconcile::HoldReason reason, std::string field = {},
                             std::string detail = {}, std::string medicapp_id = {});
    static Decision inspect(Inspection purpose, std::vector<std::string> medicapp_ids);
    /// The next cycle decides, with all that this one would have had to compare.
    static Decision leave();

    Kind kind = Kind::nothing;
    bool is_left = false;                 ///< of `untouched`: see leave()
    reconcile::UpdatePlan plan;           ///< for update and adopt
    reconcile::HoldReason hold_reason{};  ///< for hold
    std::string field;                    ///< for hold: the field at fault
    std::string detail;                   ///< for hold: words without values
    std::string medicapp_id;              ///< the Medicapp patient concerned
    Inspection inspection{};              ///< for inspect
    std::vector<std::string> inspect_ids; ///< for inspect
    bool write_external_id = false;       ///< for adopt: the patient has none yet
    /// For update: what is to be remembered of the identity once it is written.
    std::optional<reconcile::IdentityDrift> drift;
};

/// One HIS record on its way: what it says, what is known of it, and what is to be done.
class Item {
  public:
    Item() = default;

    std::string source;
    reconcile::Assessed record;
    reconcile::SideView his;
    state::Known known;
    /// How Medicapp looks now, if a change was seen that is not yet in the baselines.
    std::optional<reconcile::SideView> seen;
    Decision decision;
    /// Whether the operator's decision that is known of the patient is about this record: see
    /// take_order().
    bool ordered = false;
    /// Why that decision is not carried out, a fixed text; empty: it is.
    std::string_view refusal;
    /// The linked patient who is to get this externalId, as the HIS says; nothing: there is none.
    std::optional<Former> former;
    /// Its source is read under another mapping than before: that the record differs proves
    /// nothing.
    bool remapped = false;
    /// What contradicts another source's word was left out, so that the link stays that source's:
    /// the taken_digest() of all that the record says. Nothing: it does not yield.
    std::optional<reconcile::Digest> yields;
    /// Its link is to be confirmed by a look at Medicapp before a write.
    bool unconfirmed = false;
    /// Whether this source's record may end the patient's hold, if there is one.
    bool may_release = false;
    /// Its patient is held because the source has several people under the externalId, of whom its
    /// pass may show one: all of its records are to be read before anything is decided.
    bool shown_in_part = false;
    /// The record is new, but only all sources together can decide about its patient.
    bool calls_for_all = false;
    /// What a request about this patient alone was answered; nothing: none failed.
    std::optional<connectors::ApiError> failure;
    /// The Medicapp patient, if it had to be read for the decision. Apart, as it is large.
    std::shared_ptr<const connectors::MedicappPatient> detail;

    const std::string& external_id() const { return record.patient.external_id(); }
    const std::string& name_in_source() const { return record.name_in_source(); }
};

/// Whether a source holds the patient because of their own state: then no other source's record is
/// written until that source takes it back.
bool stops_all_sources(reconcile::HoldReason reason);
/// Whether the cause of the hold is in Medicapp or between Medicapp and us: any source's record may
/// end it.
bool lies_in_medicapp(reconcile::HoldReason reason);

} // namespace medibridge::sync
