#include "sync/core/renaming.hpp"

#include "base/log/catalogue.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/cycle_status.hpp"
#include "sync/core/decision_table.hpp"
#include "sync/core/medicapp_page.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using log::Key;
using reconcile::Assessed;
using reconcile::FieldDigests;
using reconcile::HoldReason;
using reconcile::IdentityTraits;

namespace {

/// The survivor's record, if it stands among these.
const Assessed* find_survivor(const std::vector<Assessed>& records, const std::string& survivor) {
    const auto place = std::ranges::find(
        records, survivor, [](const Assessed& record) { return record.patient.external_id(); });
    return place == records.end() ? nullptr : &*place;
}

/// Digests hold the externalId, so under another one they have to be made anew, from values: those
/// that Medicapp and the HIS show. Where neither shows what was agreed, the former digest stays: it
/// equals none any more, so that the field counts as changed.
class Rekeying {
  public:
    void show(const FieldDigests& before, const FieldDigests& after) {
        shown_.emplace_back(before, after);
    }
    FieldDigests operator()(FieldDigests digests) const {
        for (const auto field : reconcile::all_fields()) {
            auto& digest = of(digests, field);
            for (const auto& [before, after] : shown_) {
                if (is_unknown(digest) || digest != of(before, field)) continue;
                digest = of(after, field);
                break;
            }
        }
        return digests;
    }

  private:
    std::vector<std::pair<FieldDigests, FieldDigests>> shown_;
};

/// The link under the new externalId, with what was agreed under the former one.
state::Link renamed_link(const Rules& rules, const Renaming& renaming,
                         const connectors::MedicappPatient& seen,
                         const connectors::MedicappPatient& answer) {
    const auto& identity = rules.settings.identity;
    auto link = renaming.link;
    const auto before = medicapp_view(seen, link.external_id, rules.digester, identity);
    const auto after = medicapp_view(seen, renaming.survivor, rules.digester, identity);
    Rekeying rekeyed;
    rekeyed.show(before.fields, after.fields);
    if (renaming.record) {
        auto patient = renaming.record->patient;
        const auto now = rules.digester.fields(patient);
        patient.set_external_id(link.external_id);
        rekeyed.show(rules.digester.fields(patient), now);
    }
    link.external_id = renaming.survivor;
    link.baselines.his.fields = rekeyed(link.baselines.his.fields);
    link.baselines.medicapp.fields = rekeyed(link.baselines.medicapp.fields);
    link.drift.confirmed = rekeyed(link.drift.confirmed);
    const auto answered = medicapp_view(answer, renaming.survivor, rules.digester, identity);
    const bool edited_meanwhile = answer.patient[reconcile::Field::last_name].is_known() &&
                                  !differing(after.fields, answered.fields).empty();
    link.baselines.medicapp.modified_at =
        edited_meanwhile ? std::optional<reconcile::Instant>() : answer.modified_at;
    return link;
}

/// Medicapp will not give the patient that externalId. `key`: of whom is held.
state::Held refused_hold(const Rules& rules, const Renaming& renaming, std::string key,
                         const connectors::ApiError& error) {
    state::Held held;
    held.key = std::move(key);
    held.source = renaming.source;
    held.reason = error.failure == Failure::conflict ? reconcile::HoldReason::external_id_taken
                                                     : reconcile::HoldReason::rejected;
    held.field = "externalId";
    held.detail = renaming.contested ? another_may_have_come : error.code;
    held.medicapp_id = renaming.link.medicapp_id;
    held.request_id = error.request_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    return held;
}

Effects hold_refused(const Rules& rules, const Renaming& renaming,
                     const connectors::ApiError& error) {
    const bool known = renaming.held && renaming.held->field == "externalId";
    if (known) return {};
    return hold(refused_hold(rules, renaming, renaming.link.external_id, error));
}

/// Whether two people came under the retired record's number: who left it goes on elsewhere, the
/// other one does not.
bool is_contested(const Assessed& record) {
    return record.hold_unmerged && record.hold_unmerged->reason == HoldReason::ambiguous_source;
}

/// Whoever had the survivor's externalId in Medicapp has it no more.
bool ends_with_renaming(const state::Held& held) {
    return awaits_renaming(held) || held.reason == HoldReason::identity_mismatch ||
           held.reason == HoldReason::erased_in_medicapp ||
           held.reason == HoldReason::conflict_unresolved;
}

/// Whether nobody has the externalId in Medicapp, nor was erased under it and may come back:
/// whoever was erased, and goes on under another one since, stands in the way there.
bool is_free(const state::Known& known) {
    const bool is_erased = known.tombstone && known.redirect.empty();
    return !known.link && !known.unlinked && !is_erased;
}

/// Whether the number is in use, by one person. Else whoever was meant has left it again, or
/// another one came.
bool is_one_persons(const Assessed& record) {
    const bool two = record.hold && record.hold->reason == HoldReason::ambiguous_source;
    return record.merged_into.empty() && !two;
}

/// Somebody else gets the number of who was erased, and goes on under another one: that they were
/// erased stays known, by a key that is no number, and counts for every number related to theirs.
void displace(const state::Tombstone& erased, state::Batch& batch) {
    const auto key = "erased:" + erased.medicapp_id;
    batch.drop_tombstone(erased.external_id);
    batch.put_tombstone({key, erased.medicapp_id});
    batch.put_prior(erased.external_id, key);
}

bool is_same_person(const Rules& rules, const Renaming& renaming,
                    const connectors::MedicappPatient& seen) {
    const auto& policy = rules.settings.identity;
    const bool uncertain = renaming.shared_number || renaming.contested;
    if (!renaming.record) return !uncertain;
    if (!is_one_persons(*renaming.record)) return false;
    const IdentityTraits ours(renaming.record->patient, renaming.record->other_last_name, policy);
    const IdentityTraits theirs(seen.patient, {}, policy);
    const bool stated = renaming.changed_identifier && !uncertain;
    return stated ? !describe_two(ours, theirs) : agree(ours, theirs);
}

} // namespace

bool speaks_of_renaming(const std::vector<Assessed>& records) {
    return std::ranges::any_of(records,
                               [](const Assessed& record) { return !record.merged_into.empty(); });
}

std::vector<std::string> survivors_of(const std::vector<Assessed>& records,
                                      const Assessed& retiring) {
    constexpr std::size_t longest_chain = 8;
    std::vector<std::string> survivors{retiring.merged_into};
    while (survivors.size() <= longest_chain) {
        const auto* next = find_survivor(records, survivors.back());
        if (!next || next->merged_into.empty() || is_contested(*next)) break;
        survivors.push_back(next->merged_into);
    }
    return survivors;
}

std::optional<Renaming> renaming_of(const std::string& source, const std::vector<Assessed>& records,
                                    const Assessed& retiring, const std::string& survivor_id,
                                    const state::Known& retired, const state::Known& known) {
    const auto* survivor = find_survivor(records, survivor_id);
    if (!retired.link || !is_free(known) || (!survivor && !retiring.renamed)) return std::nullopt;
    Renaming renaming{source,     *retired.link, retired.held,    survivor_id,
                      known.held, survivor,      retiring.renamed};
    renaming.contested = is_contested(retiring);
    renaming.displaced = known.tombstone;
    return renaming;
}

std::optional<Renaming> renaming_of_former(const Former& former, const std::string& survivor,
                                           const state::Known& retired, const state::Known& known) {
    const auto& held = retired.held;
    const bool is_held = held && (held->reason == HoldReason::external_id_taken ||
                                  held->reason == HoldReason::merged_in_his);
    const bool same_person =
        former.renamed || (known.held && awaits_renaming(*known.held) && retired.link &&
                           known.held->medicapp_id == retired.link->medicapp_id);
    if (!retired.link || retired.redirect.empty() || !is_held || !is_free(known) || !same_person)
        return std::nullopt;
    Renaming renaming{held->source, *retired.link, held,          survivor,
                      known.held,   nullptr,       former.renamed};
    renaming.displaced = known.tombstone;
    return renaming;
}

std::string may_be_freed(const Former& former, const state::Known& known) {
    const bool mismatch = known.held && known.held->reason == HoldReason::identity_mismatch;
    if (known.unlinked) return known.unlinked->medicapp_id;
    const bool linked = known.link && known.link->medicapp_id != former.medicapp_id;
    return former.renamed && linked && mismatch ? known.link->medicapp_id : std::string();
}

Effects let_go(const Rules& rules, const std::string& external_id,
               const connectors::MedicappPatient& seen) {
    Effects effects;
    effects.changes.drop_link(external_id);
    effects.changes.audit({external_id, seen.id, "unlinked", "externalId", {}});
    effects.changes.put_unlinked(unlinked_of(rules, seen));
    return effects;
}

Effects free_survivor(const Rules& rules, const std::string& survivor, const state::Known& known,
                      const connectors::MedicappPatient* seen) {
    Effects effects;
    if (seen && (seen->external_id_unreadable || seen->patient.external_id() == survivor))
        return effects;
    if (known.unlinked && !seen) effects.changes.drop_unlinked(known.unlinked->medicapp_id);
    // Whoever was linked and is gone was erased: that is found out elsewhere.
    if (!seen) return effects;
    if (known.link) return let_go(rules, survivor, *seen);
    effects.changes.put_unlinked(unlinked_of(rules, *seen));
    return effects;
}

RenamingStep step_of(const Rules& rules, const Renaming& renaming,
                     const connectors::MedicappPatient& seen) {
    const auto& carried = seen.patient.external_id();
    if (carried == renaming.survivor) return RenamingStep::follow;
    // Somebody gave it a third one in Medicapp: for the operator, who is told of that already. And
    // where it is somebody else, the retired one waits for an operator.
    if (carried != renaming.link.external_id || !is_same_person(rules, renaming, seen))
        return RenamingStep::leave;
    return RenamingStep::send;
}

bool is_our_renaming(const state::Known& known, const std::string& carried) {
    return !carried.empty() && carried == known.redirect;
}

Effects keep_redirect(const Assessed& retiring, const state::Known& retired, bool closes_ring) {
    Effects effects;
    const auto& at = retiring.modified_at;
    if (retired.redirect != retiring.merged_into || (at && at != retired.merged_at))
        effects.changes.put_redirect(retiring.patient.external_id(), retiring.merged_into, at);
    if (closes_ring) effects.changes.drop_redirect(retiring.merged_into);
    return effects;
}

Effects stay_erased(const std::string& survivor, const state::Known& retired,
                    const state::Known& known) {
    Effects effects;
    const bool erased = retired.tombstone && !retired.link && !retired.unlinked;
    const bool is_new = !known.link && !known.unlinked && !known.tombstone;
    if (erased && is_new) effects.changes.put_tombstone({survivor, retired.tombstone->medicapp_id});
    return effects;
}

Effects record_erased(const Rules& rules, const Renaming& renaming) {
    const auto& link = renaming.link;
    Effects effects;
    if (renaming.held) effects.append(release(*renaming.held));
    if (rules.settings.policy.on_erased == reconcile::OnErased::recreate) {
        effects.changes.drop_link(link.external_id);
        return effects;
    }
    const auto arrived = renaming.contested ? Arrived::stays : arrived_about(renaming.held);
    effects.changes.append(erasure(link.external_id, link.medicapp_id, arrived));
    effects.changes.put_tombstone({renaming.survivor, link.medicapp_id});
    return effects;
}

connectors::PatientUpdate external_id_update(const Renaming& renaming) {
    connectors::PatientUpdate update;
    update.id = renaming.link.medicapp_id;
    update.patient = reconcile::Patient(renaming.survivor);
    update.write_external_id = true;
    return update;
}

Effects follow(const Rules& rules, const Renaming& renaming,
               const connectors::MedicappPatient& seen, const connectors::MedicappPatient& answer) {
    const auto& medicapp_id = renaming.link.medicapp_id;
    Effects effects;
    effects.changes.move_taken(renaming.link.external_id, renaming.survivor);
    effects.changes.drop_link(renaming.link.external_id);
    effects.changes.put_link(renamed_link(rules, renaming, seen, answer));
    if (renaming.displaced) displace(*renaming.displaced, effects.changes);
    effects.note_written(medicapp_id, answer.modified_at);
    if (renaming.held) effects.append(release(*renaming.held));
    if (renaming.survivor_held && ends_with_renaming(*renaming.survivor_held))
        effects.append(release(*renaming.survivor_held));
    effects.changes.drop_refusal(renaming.link.external_id);
    effects.changes.drop_refusal(renaming.survivor);
    effects.changes.audit({renaming.survivor, medicapp_id, "renamed", {}, {}});
    effects.counts.updated = 1;
    effects.deeds.push_back({renaming.survivor, Action::updated, "externalId"});
    effects.events.push_back(log::Event(log::events::patient_renamed)
                                 .with(Key::source, renaming.source)
                                 .with(Key::patient, renaming.survivor)
                                 .with(Key::medicapp_id, medicapp_id));
    return effects;
}

Effects take_back(const Rules& rules, const Renaming& renaming,
                  const connectors::MedicappPatient& seen) {
    const auto& between = renaming.link.external_id;
    Effects effects;
    effects.changes.move_taken(between, renaming.survivor);
    effects.changes.drop_link(between);
    effects.changes.put_link(renamed_link(rules, renaming, seen, seen));
    effects.changes.drop_redirect(renaming.survivor);
    // Who is sent under the other one is not created, if it is the same person.
    const auto* record = renaming.record;
    effects.changes.put_redirect(between, renaming.survivor,
                                 record ? record->modified_at : std::nullopt);
    for (const auto& held : {renaming.held, renaming.survivor_held})
        if (held) effects.append(release(*held));
    effects.changes.drop_refusal(between);
    effects.changes.drop_refusal(renaming.survivor);
    // Nobody was heard about whoever has it now.
    effects.released.push_back({between, {}});
    effects.changes.put_meta(reread_key, "1");
    Item item;
    item.source = renaming.source;
    item.record.patient = reconcile::Patient(renaming.survivor);
    effects.append(act(item, Action::linked, renaming.link.medicapp_id, reconcile::FieldSet()));
    return effects;
}

std::optional<connectors::ApiError> not_renamed(const Renaming& renaming,
                                                const connectors::MedicappPatient& shown) {
    if (shown.patient.external_id() == renaming.survivor) return std::nullopt;
    connectors::ApiError error;
    error.failure = Failure::rejected;
    error.code = "Medicapp kept the former externalId";
    error.what = "PUT /patients/{id}: " + error.code;
    return error;
}

bool is_open_after(const connectors::ApiError& error) {
    return error.failure != Failure::conflict;
}

Effects hold_disputed(const Rules& rules, const std::string& source, const Assessed& claim,
                      const state::Known& retired, const state::Known& known,
                      const Assessed* record) {
    const bool is_new = !known.link && !known.unlinked && !known.tombstone;
    const bool decided =
        known.decision && known.decision->kind == state::OperatorDecision::Kind::create;
    Effects effects;
    // What is refuted now may be right after all: see sync/core/relatives.hpp.
    if (retired.link) effects.changes.put_prior(claim.merged_into, claim.patient.external_id());
    if (!retired.link || !is_new || decided || !(record || claim.renamed)) return effects;
    if (known.held && awaits_renaming(*known.held)) return effects;
    const auto& medicapp_id = retired.link->medicapp_id;
    if (record && is_told_apart(rules, *record, known, medicapp_id)) return effects;
    state::Held held;
    held.key = claim.merged_into;
    held.source = source;
    held.reason = reconcile::HoldReason::possible_duplicate;
    held.field = "externalId";
    held.detail = "another record has the former externalId in use";
    held.medicapp_id = medicapp_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    const bool same = known.held && known.held->reason == held.reason;
    effects.append(same ? hold_again(*known.held, std::move(held)) : hold(std::move(held)));
    return effects;
}

bool awaits_renaming(const state::Held& held) {
    const bool waits = held.reason == HoldReason::rejected ||
                       held.reason == HoldReason::refused_by_server ||
                       held.reason == HoldReason::possible_duplicate;
    return waits && held.field == "externalId" && !held.medicapp_id.empty();
}

Effects hold_survivor(const Rules& rules, const Renaming& renaming,
                      const connectors::ApiError& error) {
    const auto& before = renaming.survivor_held;
    if (before && awaits_renaming(*before)) return {};
    if (error.failure == Failure::rejected)
        return hold(refused_hold(rules, renaming, renaming.survivor, error));
    Effects effects;
    if (error.failure == Failure::conflict || !concerns_one_patient(error)) return effects;
    RefusedPatient patient(renaming.link, error);
    patient.external_id = renaming.survivor;
    patient.source = renaming.source;
    patient.field = "externalId";
    if (renaming.record) patient.record = record_digest(*renaming.record, rules.digester);
    effects.notice.refused = std::move(patient);
    return effects;
}

Effects on_rename_failure(const Rules& rules, const Renaming& renaming,
                          const connectors::ApiError& error) {
    if (error.failure == Failure::conflict || error.failure == Failure::rejected)
        return hold_refused(rules, renaming, error);
    Effects effects;
    const bool senseless = error.failure == connectors::Failure::unknown && is_answer(error);
    if (senseless || concerns_one_patient(error)) {
        effects.notice.refused = RefusedPatient(renaming.link, of_one_patient(error));
        effects.notice.refused->source = renaming.source;
        return effects;
    }
    effects.counts.deferred = 1;
    if (error.failure == Failure::unknown)
        effects.notice.left = "Medicapp: the outcome of an update is not known";
    else
        effects.notice.halt = error;
    return effects;
}

} // namespace medibridge::sync
