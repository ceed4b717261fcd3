#include "control/hold_words.hpp"

#include "reconcile/identity_drift.hpp"
#include "sync/core/refusals.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/returned.hpp"

namespace medibridge::control {

using reconcile::HoldReason;
using sync::DecisionKind;
using Kind = sync::Decision::Kind;

std::string_view rule_of(HoldReason reason) {
    switch (reason) {
    case HoldReason::invalid:
        return "A field that Medicapp requires is missing in the source's record, or impossible.";
    case HoldReason::ambiguous_source:
        return "The sources, or several records of one, describe different people under this "
               "externalId.";
    case HoldReason::inactive_in_his:
        return "The HIS says that the record is closed.";
    case HoldReason::deleted_in_his:
        return "The HIS says that the record was deleted.";
    case HoldReason::merged_in_his:
        return "The HIS merged the patient into another one, and Medicapp still has both: it "
               "cannot merge.";
    case HoldReason::deceased:
        return "The HIS says that the patient died: nothing is sent to a family by itself.";
    case HoldReason::identity_status:
        return "The HIS gives the identity a status that `identity.hold_status` names.";
    case HoldReason::identity_mismatch:
        return "The externalId belongs to somebody else in Medicapp: names, birth date or gender "
               "disagree.";
    case HoldReason::divergence:
        return "The change would make the record describe somebody else.";
    case HoldReason::conflict_unresolved:
        return "Medicapp says that the externalId is taken, and shows nobody who has it.";
    case HoldReason::possible_duplicate:
        return "A Medicapp patient without externalId has the same names, birth date and gender.";
    case HoldReason::erased_in_medicapp:
        return "The patient was erased in Medicapp: that may be a right exercised, so they are not "
               "created again.";
    case HoldReason::external_id_taken:
        return "The new externalId belongs to another Medicapp patient.";
    case HoldReason::rejected:
        return "Medicapp refuses the patient's data.";
    case HoldReason::refused_by_server:
        return "Requests about this patient alone failed in three cycles, while others were "
               "served.";
    case HoldReason::altered_in_state:
        return "What the state says of the patient was changed by somebody without its key, or by "
               "a fault of the disk: nothing is concluded from it.";
    }
    return {};
}

namespace {

/// Where the reason alone does not tell what the hold is about.
std::string_view rule_of_hold(const state::Known& known) {
    const auto& held = *known.held;
    const bool is_in_medicapp = known.link || known.unlinked;
    if (held.reason == HoldReason::merged_in_his && !is_in_medicapp)
        return "The HIS gave this externalId up, for another one under which Medicapp has the "
               "patient, and uses it again: nobody is created a second time.";
    if (held.reason == HoldReason::possible_duplicate && sync::awaits_renaming(held))
        return "The HIS says that a patient whom Medicapp has under another externalId goes on "
               "under this one, and the change could not be made yet: nobody is created under it "
               "meanwhile.";
    if (held.reason == HoldReason::possible_duplicate && !known.redirect.empty())
        return "The HIS gave this externalId up, for another one under which Medicapp has a "
               "patient who may be the same person, and uses it again.";
    if (held.reason == HoldReason::identity_mismatch && held.field == "externalId")
        return "The linked Medicapp patient is not shown under this externalId any more: it was "
               "changed or taken away there, or an answer showed somebody else. Nothing is written "
               "to them until that is put right in Medicapp, or the number proves to be another "
               "person's.";
    return rule_of(held.reason);
}

} // namespace

std::string_view rule_about(const state::Known& known, bool in_his) {
    if (known.held && sync::says_returned(*known.held))
        return "The patient was erased, and is in Medicapp again (restored from a backup, or "
               "entered anew): nothing is written to them until somebody decides. Erase them "
               "again, or link them if they shall stay.";
    if (known.held && known.decision && sync::waits_for_record(*known.decision))
        return "The patient was erased in Medicapp and shall come back: created when the HIS sends "
               "this patient again, as an operator decided. `held ignore` takes that back.";
    if (known.held) return rule_of_hold(known);
    if (sync::refusal_cycles(known) > 0)
        return "Medicapp, or a proxy or firewall in front of it, refuses requests about this "
               "patient "
               "alone: each cycle tries again. After three such cycles in a row the patient is "
               "held "
               "(`refused_by_server`), once a write about somebody else succeeded meanwhile.";
    if (!known.redirect.empty())
        return "The HIS merged the patient into another one, or gave them another externalId: that "
               "one "
               "is kept up to date instead.";
    if (known.link)
        return "Linked: what the HIS changes is written, field by field as `sync.authority` says.";
    if (known.tombstone)
        return "The patient was erased in Medicapp, and is not created again by itself.";
    if (known.intent)
        return "A write was sent whose result is not known: the next cycle finds out.";
    if (in_his && known.unlinked)
        return "Medicapp has a patient with that externalId: the next cycle compares their "
               "identities, and links them if they agree.";
    if (in_his)
        return "The HIS shows the patient, and Medicapp is not known to: the next cycle "
               "that reads them creates or links them.";
    if (known.unlinked) return "Medicapp has the patient and no source shows them: left alone.";
    return "Neither side is known to have the patient.";
}

std::string_view rule_about(const sync::Inquiry& inquiry) {
    const auto& known = inquiry.known;
    const auto& other = inquiry.other;
    const bool is_survivor_unknown = other && other->survives && other->medicapp_id.empty();
    if (known.held && known.held->reason == HoldReason::merged_in_his && is_survivor_unknown &&
        (known.link || known.unlinked))
        return "The HIS merged the patient into another one, whom Medicapp is not known to have: "
               "this one stays there, and nothing is written to them.";
    const bool is_free = other && !other->survives && !other->is_former &&
                         other->external_id != inquiry.key && other->medicapp_id.empty();
    if (known.held && known.held->reason == HoldReason::external_id_taken && known.link && is_free)
        return "The HIS says that the patient goes on under another externalId, whose record "
               "describes somebody else, or does not tell who is meant: nobody gets it by itself. "
               "The hold ends once the HIS sends the patient again under either.";
    return rule_about(known, inquiry.record() != nullptr);
}

std::string effect_of(const sync::Preview& preview) {
    if (!preview.untold.empty()) return preview.untold;
    const auto& outcome = preview.outcome;
    switch (preview.decision) {
    case DecisionKind::retry:
        return "the rules look again, with what both sides show then";
    case DecisionKind::ignore:
        if (preview.ends_hold)
            return "nothing is sent; the hold ends, and what arrived is not kept any more";
        return "nothing is sent; the patient is counted as excluded until the record changes";
    default:
        break;
    }
    switch (outcome.kind) {
    case Kind::create:
        return "a new Medicapp patient is created";
    case Kind::update:
        return "written to Medicapp: " + names(outcome.plan.write) + "; the identity is confirmed";
    case Kind::adopt:
        return outcome.plan.write.empty()
                   ? "linked to that Medicapp patient; nothing else is written"
                   : "linked to that Medicapp patient; written: " + names(outcome.plan.write);
    case Kind::refresh:
    case Kind::nothing:
        return "nothing is left to be written; the hold ends";
    case Kind::hold:
        return "the patient would be held again: " +
               std::string(reconcile::name(outcome.hold_reason));
    default:
        return "nothing: the source's record or Medicapp does not allow it now";
    }
}

namespace {

bool is_about_return(const sync::Inquiry& inquiry) {
    return inquiry.known.held && sync::says_returned(*inquiry.known.held);
}

} // namespace

std::string doubt_about_erasure(const sync::Inquiry& inquiry) {
    if (!inquiry.medicapp) return {};
    const auto& about = *inquiry.medicapp;
    const auto& carried = about.patient.external_id();
    const auto& tombstone = inquiry.known.tombstone;
    const bool is_erased_one = carried.empty() && tombstone && tombstone->medicapp_id == about.id;
    if (about.external_id_unreadable || (carried != inquiry.key && !is_erased_one))
        return "Medicapp's patient " + about.id +
               " does not carry that externalId: look at them with medibridgectl why";
    if (inquiry.resemblance.differs.size() < reconcile::traits_of_another) return {};
    if (is_about_return(inquiry)) return std::string(sync::another_has_returned);
    return "the HIS and Medicapp describe two different people under that externalId: look at "
           "them with medibridgectl why, and find out first who is meant";
}

std::string refusal_of_erasure(const sync::Inquiry& inquiry) {
    return is_about_return(inquiry) ? doubt_about_erasure(inquiry) : std::string();
}

std::string effect_of_erasure(const sync::Inquiry& inquiry) {
    if (!is_about_return(inquiry) || !doubt_about_erasure(inquiry).empty()) return {};
    const auto* patient = inquiry.medicapp ? &*inquiry.medicapp : nullptr;
    const auto records = patient ? patient->records_count : std::nullopt;
    return "the erasure stands: they are erased in Medicapp again, for ever, with " +
           (records ? std::to_string(*records) : std::string("all")) +
           (records == 1 ? " record" : " records");
}

} // namespace medibridge::control
