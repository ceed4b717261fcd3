#include "sync/core/decision_table.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/altered.hpp"
#include "sync/core/formers.hpp"
#include "sync/core/home_country.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/returned.hpp"
#include "sync/core/unnamed.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::Baselines;
using reconcile::FieldSet;
using reconcile::HoldReason;
using reconcile::IdentityTraits;
using reconcile::SideView;
using Kind = Decision::Kind;

namespace {

constexpr const char* merged_as_another =
    "what says that the patient was merged describes somebody else";
constexpr const char* into_nobody = "is an externalId that nobody has";

Decision hold_merged(const state::Known& known) {
    const auto& id = known.link       ? known.link->medicapp_id
                     : known.unlinked ? known.unlinked->medicapp_id
                                      : std::string();
    return Decision::hold_for(HoldReason::merged_in_his, {}, {}, id);
}

/// Whether the linked Medicapp patient carries another externalId now; only Medicapp can change
/// that.
bool is_renamed_in_medicapp(const state::Known& known) {
    return known.link && known.held && known.held->reason == HoldReason::identity_mismatch;
}

Decision hold_renamed_in_medicapp(const state::Known& known) {
    return Decision::hold_for(HoldReason::identity_mismatch, "externalId", known.held->detail,
                              known.link->medicapp_id);
}

/// Strict traits in which the record differs from what its patient was last agreed to be.
FieldSet changed_traits(const Item& item) {
    if (!item.known.link) return {};
    return differing(item.his.fields, item.known.link->baselines.his.fields) &
           reconcile::strict_traits();
}

/// Whether the hold ends once somebody has the externalId into which its patient was merged.
bool is_into_nobody(const state::Held& held) {
    return held.reason == HoldReason::invalid && held.field == "mergedInto" &&
           held.detail == into_nobody;
}

/// Holds that need no look at Medicapp.
std::optional<Decision> decide_by_record(const Rules& rules, const Item& item) {
    const auto& record = item.record;
    const auto& known = item.known;
    const auto& own_id = record.patient.external_id();

    const bool in_medicapp = known.link || known.unlinked;
    if (record.hold && record.hold->reason != HoldReason::invalid) {
        const auto traits = changed_traits(item);
        // That somebody else died, say, is nothing about this patient.
        const bool is_another = traits.size() >= reconcile::traits_of_another &&
                                record.hold->reason != HoldReason::ambiguous_source &&
                                !is_ordered(item, DecisionKind::update);
        if (is_another && is_renamed_in_medicapp(known)) return hold_renamed_in_medicapp(known);
        if (is_another)
            return Decision::hold_for(HoldReason::divergence, names(traits),
                                      std::string(name(record.hold->reason)) + " of somebody else",
                                      known.link->medicapp_id);
        const bool gone = record.hold->reason == HoldReason::deleted_in_his ||
                          record.hold->reason == HoldReason::inactive_in_his;
        // Many a system closes or deletes what it has merged.
        if (gone && !known.redirect.empty() && in_medicapp) return hold_merged(known);
        return Decision::hold_for(record.hold->reason, record.hold->defect.field,
                                  record.hold->defect.reason);
    }
    const bool retired = !record.merged_into.empty() && record.merged_into != own_id;
    if (retired) {
        // Somebody came under the number that was left, before that was followed.
        const auto& besides = record.hold_unmerged;
        const bool contested = besides && besides->reason == HoldReason::ambiguous_source;
        // If nobody else has the new externalId, the link has already moved to it.
        if (record.renamed && known.link)
            return Decision::hold_for(HoldReason::external_id_taken, "externalId",
                                      contested ? another_may_have_come : std::string(),
                                      known.link->medicapp_id);
        if (contested)
            return Decision::hold_for(besides->reason, besides->defect.field,
                                      besides->defect.reason);
        // Another patient's record may claim the number, and describe its own patient.
        const auto traits = changed_traits(item);
        const bool is_another = traits.size() >= reconcile::traits_of_another ||
                                traits.has(reconcile::Field::first_name);
        if (is_another && !is_ordered(item, DecisionKind::update))
            return Decision::hold_for(HoldReason::divergence, names(traits), merged_as_another,
                                      known.link->medicapp_id);
        if (in_medicapp) return hold_merged(known);
        if (record.survivor_exists == false)
            return Decision::hold_for(HoldReason::invalid, "mergedInto", into_nobody);
        // Medicapp never had the retired patient: the survivor comes by itself.
        return Decision(Kind::nothing);
    }
    // That the linked Medicapp patient is another one's stands for every source; this is one's own.
    if (record.hold && !is_renamed_in_medicapp(known)) {
        return Decision::hold_for(record.hold->reason, record.hold->defect.field,
                                  record.hold->defect.reason);
    }
    const bool may_come_back = rules.settings.policy.on_erased != reconcile::OnErased::hold ||
                               is_ordered(item, DecisionKind::create) ||
                               is_ordered(item, DecisionKind::link);
    if (known.tombstone && !may_come_back) {
        return Decision::hold_for(HoldReason::erased_in_medicapp, {}, {},
                                  known.tombstone->medicapp_id);
    }
    return std::nullopt;
}

/// Digested as if it were the last name; unknown: the record gives no other one.
reconcile::FieldDigest other_last_name_digest(const Rules& rules, const Assessed& record) {
    reconcile::Patient patient(record.patient.external_id());
    if (!record.other_last_name.empty())
        patient[reconcile::Field::last_name] = reconcile::FieldValue::known(record.other_last_name);
    return rules.digester.fields(patient)[static_cast<std::size_t>(reconcile::Field::last_name)];
}

Decision decide_linked(const Rules& rules, const Item& item, const Grounds& grounds) {
    const auto& link = *item.known.link;
    if (is_renamed_in_medicapp(item.known))
        return grounds.look ? hold_renamed_in_medicapp(item.known)
                            : Decision::inspect(Inspection::identity, {link.medicapp_id});
    const auto& baselines = link.baselines;
    const auto medicapp =
        item.seen ? completed(*item.seen, baselines.medicapp) : baselines.medicapp;
    const auto agreed = with_unanswered_write(baselines, item.known.intent, medicapp);
    auto his = item.his;
    his.modified_at = believed_time(his.modified_at, item.record.unbelieved_at, link.baselines.his);
    auto plan =
        plan_of(rules, item.external_id(), agreed, his, cleared_fields(item.record), medicapp);
    std::optional<reconcile::IdentityDrift> drift;
    const auto replaced = plan.replaced & reconcile::strict_traits();
    const bool nameless = names_nobody(item.record, replaced);
    const bool moved = moves_identity(agreed.medicapp, medicapp);
    // What Medicapp does not know now was confirmed once: see IdentityDrift.
    const bool fills_in = !link.drift.empty() && !(plan.write & reconcile::strict_traits()).empty();
    if (!replaced.empty() || moved || fills_in || (nameless && plan.writes())) {
        // Who the record describes is compared by what is there, not by digests.
        if (!grounds.look) {
            auto decision = Decision::inspect(Inspection::identity, {link.medicapp_id});
            decision.plan = std::move(plan);
            decision.medicapp_id = link.medicapp_id;
            return decision;
        }
        const IdentityTraits ours(item.record.patient, item.record.other_last_name,
                                  rules.settings.identity);
        const IdentityTraits theirs(grounds.look->patient, {}, rules.settings.identity);
        const bool challenged =
            item.known.held && item.known.held->reason == HoldReason::divergence;
        const auto shown = medicapp_view(*grounds.look, item.external_id(), rules.digester,
                                         rules.settings.identity);
        auto verdict = reconcile::judge_identity(
            {.before = link.drift,
             .write = plan.write,
             .his = item.his,
             .other_last_name = other_last_name_digest(rules, item.record),
             .agreed = baselines.medicapp.fields,
             .medicapp = medicapp,
             .shown = shown.fields,
             .ours = ours,
             .theirs = theirs,
             .now = rules.clocks,
             .challenged = challenged,
             .moved = moved});
        // Nobody can say who it is that a record describes without the name; but whose phone it is.
        const bool is_half = !replaced.empty() && !unnamed(item.record, theirs).empty();
        const bool confirmed = is_ordered(item, DecisionKind::update) && !is_half;
        // Without a name of its own the record proves nothing about who was born when, nor whose
        // phone it brings, unless the patient's name is not known in Medicapp either.
        const bool nobody_there = theirs.last_names.empty() && theirs.first_name.empty();
        const bool is_nobody = nameless && !(nobody_there && replaced.empty());
        // It would make this Medicapp patient the person of another one.
        const bool is_others = item.former && item.former->renamed && !replaced.empty();
        if (is_others || ((verdict.divergence || is_nobody) && !confirmed)) {
            auto traits = verdict.traits.empty() ? replaced : verdict.traits;
            if (item.former)
                return Decision::hold_for(HoldReason::divergence, names(traits), goes_on_here,
                                          link.medicapp_id);
            if (is_nobody) traits = replaced.empty() ? item.record.placeholders : replaced;
            return Decision::hold_for(HoldReason::divergence, names(traits), {}, link.medicapp_id);
        }
        drift = confirmed ? reconcile::IdentityDrift() : std::move(verdict.after);
    }
    const auto merged = merged_baseline(baselines.his, item.his);
    const bool refreshed =
        item.seen || merged.fields != baselines.his.fields ||
        merged.modified_at != baselines.his.modified_at ||
        (item.record.unbelieved_at && item.record.unbelieved_at != link.unbelieved_at);
    Decision decision(plan.writes() ? Kind::update : refreshed ? Kind::refresh : Kind::nothing);
    decision.plan = std::move(plan);
    decision.medicapp_id = link.medicapp_id;
    decision.drift = std::move(drift);
    return decision;
}

/// Whether the record says that nothing may be sent about the patient. That counts even if it looks
/// older: the other source's clock may run ahead, and nothing is written about the dead.
bool speaks_of_state(const Assessed& record) {
    return record.hold && record.hold->reason != HoldReason::invalid;
}

/// Of another source: the newer record counts, but both must describe one person.
Decision decide_older(const Item& item) {
    const auto& link = *item.known.link;
    const auto differs = differing(item.his.fields, link.baselines.his.fields);
    if ((differs & reconcile::strict_traits()).size() < 2) return Decision(Kind::untouched);
    return Decision::inspect(Inspection::older_record, {link.medicapp_id});
}

Decision decide_anew(const Rules& rules, const Item& item, const Grounds& grounds,
                     const std::vector<std::string>& look_alikes) {
    auto returned = returned_as(item.known);
    if (!returned.empty() && !is_ordered(item, DecisionKind::link))
        return Decision::inspect(Inspection::returned, {std::move(returned)});
    if (auto decision = decide_by_record(rules, item)) return *std::move(decision);
    if (item.known.link) return decide_linked(rules, item, grounds);
    if (is_ordered(item, DecisionKind::link))
        return Decision::inspect(Inspection::candidates, {item.known.decision->medicapp_id});
    if (item.known.unlinked)
        return Decision::inspect(Inspection::candidates, {item.known.unlinked->medicapp_id});
    // An operator who saw nobody has not said that the look-alikes are somebody else.
    const bool is_new =
        is_ordered(item, DecisionKind::create) && !waits_for_record(*item.known.decision);
    if (!look_alikes.empty() && !is_new &&
        rules.settings.policy.on_unlinked_match != reconcile::OnUnlinkedMatch::create) {
        return Decision::inspect(Inspection::candidates, look_alikes);
    }
    return Decision(Kind::create);
}

/// Whether the record arrived with an older time than the word by which its patient is held: that
/// they go on under another externalId, as another source says. It tells how they were before.
bool is_older_than_retirement(const Rules& rules, const Item& item) {
    const auto& known = item.known;
    const auto& record = item.record;
    const auto& held = known.held;
    const bool retired = held && held->source != item.source && !known.redirect.empty() &&
                         rules.source_names.contains(held->source) &&
                         (held->reason == HoldReason::merged_in_his ||
                          held->reason == HoldReason::external_id_taken);
    return retired && record.arrived && record.modified_at && known.merged_at &&
           *record.modified_at < *known.merged_at;
}

} // namespace

bool is_told_apart(const Rules& rules, const Assessed& record, const state::Known& known,
                   const std::string& medicapp_id) {
    if (known.told_apart.empty()) return false;
    const auto digest = record_digest(record, rules.digester);
    return known.told_apart.contains(told_apart_digest(digest, medicapp_id, rules.digester));
}

bool is_older_than_taken(const Rules& rules, const Item& item) {
    if (!item.known.link || !item.record.modified_at) return false;
    const auto& taken = item.known.link->baselines.his.modified_at;
    // A former version believed any time.
    const auto clock = std::max(rules.clocks.machine, rules.clocks.server);
    if (!taken || !reconcile::is_believable(*taken, clock)) return false;
    return *item.record.modified_at < *taken;
}

Decision decide(const Rules& rules, const Item& item, const Grounds& grounds,
                const std::vector<std::string>& look_alikes) {
    const auto& held = item.known.held;
    if (item.record.made_good) return Decision(Kind::nothing);
    // Nothing is concluded from such a row, nor from its absence.
    if (!item.known.altered.empty())
        return Decision::hold_for(HoldReason::altered_in_state, {}, where_altered(item.known));
    if (held && held->reason == HoldReason::altered_in_state && !is_ordered(item))
        return Decision(Kind::still_held);
    if (is_older_than_retirement(rules, item)) return Decision(Kind::still_held);
    // What a source had the patient held for, it may take back.
    const bool own_hold = held && held->source == item.source;
    if (!grounds.accept_older && !own_hold && is_older_than_taken(rules, item)) {
        if (grounds.held_by_other) return Decision(Kind::untouched);
        if (!speaks_of_state(item.record)) return decide_older(item);
    }
    // A record in use stands against a merge that another source states: see Claims.
    if (grounds.held_by_other && stops_all_sources(held->reason) &&
        held->reason != HoldReason::merged_in_his)
        return Decision(Kind::still_held);
    const bool same_record = held && held->record == record_digest(item.record, rules.digester);
    const bool survivor_came = held && is_into_nobody(*held) && item.record.survivor_exists == true;
    if (same_record && !grounds.retry_held && !survivor_came) return Decision(Kind::still_held);
    auto decision = decide_anew(rules, item, grounds, look_alikes);
    // What Medicapp has refused it would refuse again: only another record or another look of its
    // patient is worth a request.
    const bool refused = same_record && held->reason == HoldReason::rejected && !item.seen &&
                         !is_ordered(item, DecisionKind::retry);
    const bool writes = decision.kind == Kind::create || decision.kind == Kind::update ||
                        (decision.kind == Kind::inspect && item.known.link);
    return refused && writes ? Decision(Kind::still_held) : decision;
}

Baselines with_unanswered_write(Baselines baselines, const std::optional<state::Intent>& intent,
                                const SideView& medicapp) {
    if (!intent) return baselines;
    for (const auto field : reconcile::all_fields()) {
        const auto& sent = of(intent->sent, field);
        if (is_unknown(sent) || sent != of(medicapp.fields, field)) continue;
        of(baselines.his.fields, field) = sent;
        of(baselines.medicapp.fields, field) = sent;
    }
    return baselines;
}

namespace {

/// What Medicapp shows of a patient who is about to be linked, compared with nothing agreed: a
/// field that it does not show may have a value, which is not the HIS's to overwrite unseen.
SideView at_first_sight(SideView shown, const Baselines& agreed) {
    for (const auto field : reconcile::all_fields()) {
        auto& digest = of(shown.fields, field);
        if (is_unknown(digest) && is_unknown(of(agreed.medicapp.fields, field)))
            digest = reconcile::unseen_digest;
    }
    return shown;
}

} // namespace

Decision decide_adoption(const Rules& rules, const Item& item,
                         const std::optional<state::Intent>& intent,
                         const connectors::MedicappPatient& holder, bool confirmed) {
    const auto& record = item.record;
    const auto& identity = rules.settings.identity;
    const auto holder_view = medicapp_view(holder, item.external_id(), rules.digester, identity);
    const auto& holder_key = holder.patient.external_id();
    const bool other_key = !holder_key.empty() && holder_key != record.patient.external_id();
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    const IdentityTraits theirs(holder.patient, {}, identity);
    if (other_key || !(confirmed || agree(ours, theirs))) {
        return Decision::hold_for(HoldReason::identity_mismatch, {}, {}, holder.id);
    }
    const auto agreed = with_unanswered_write({}, intent, holder_view);
    auto plan = plan_of(rules, item.external_id(), agreed, item.his, cleared_fields(record),
                        at_first_sight(holder_view, agreed));
    const reconcile::IdentityDrift none;
    const auto verdict =
        reconcile::judge_identity({.before = none,
                                   .write = plan.write,
                                   .his = item.his,
                                   .other_last_name = other_last_name_digest(rules, item.record),
                                   .agreed = holder_view.fields,
                                   .medicapp = holder_view,
                                   .shown = holder_view.fields,
                                   .ours = ours,
                                   .theirs = theirs,
                                   .now = {}});
    if (verdict.divergence && !confirmed) {
        return Decision::hold_for(HoldReason::divergence, names(verdict.traits), {}, holder.id);
    }
    Decision decision(Kind::adopt);
    decision.plan = std::move(plan);
    decision.medicapp_id = holder.id;
    decision.write_external_id = holder_key.empty();
    return decision;
}

} // namespace medibridge::sync
