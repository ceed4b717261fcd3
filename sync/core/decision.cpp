#include "sync/core/decision.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::Baselines;
using reconcile::HoldReason;
using reconcile::IdentityTraits;
using reconcile::SideView;
using Kind = Decision::Kind;

Decision Decision::hold_for(HoldReason reason, std::string at_fault, std::string words,
                            std::string other_id) {
    Decision decision(Kind::hold);
    decision.hold_reason = reason;
    decision.field = std::move(at_fault);
    decision.detail = std::move(words);
    decision.medicapp_id = std::move(other_id);
    return decision;
}

Decision Decision::inspect(std::vector<std::string> medicapp_ids) {
    Decision decision(Kind::inspect);
    decision.inspect_ids = std::move(medicapp_ids);
    return decision;
}

namespace {

bool is_older_than_taken(const DecisionInput& input) {
    if (!input.known.link || !input.record.modified_at) return false;
    const auto& taken = input.known.link->baselines.his.modified_at;
    // A former version believed any time.
    if (!taken || !reconcile::is_believable(*taken, input.machine_clock)) return false;
    return *input.record.modified_at < *taken;
}

Decision hold_merged(const state::Known& known) {
    const auto& id = known.link       ? known.link->medicapp_id
                     : known.unlinked ? known.unlinked->medicapp_id
                                      : std::string();
    return Decision::hold_for(HoldReason::merged_in_his, {}, {}, id);
}

/// Holds that need no look at Medicapp.
std::optional<Decision> decide_by_record(const DecisionInput& input) {
    const auto& record = input.record;
    const auto& known = input.known;
    const auto& own_id = record.patient.external_id();

    const bool in_medicapp = known.link || known.unlinked;
    if (record.hold && record.hold->reason != HoldReason::invalid) {
        const bool gone = record.hold->reason == HoldReason::deleted_in_his ||
                          record.hold->reason == HoldReason::inactive_in_his;
        // Many a system closes or deletes what it has merged.
        if (gone && !known.redirect.empty() && in_medicapp) return hold_merged(known);
        return Decision::hold_for(record.hold->reason, record.hold->defect.field,
                                  record.hold->defect.reason);
    }
    const bool retired = !record.merged_into.empty() && record.merged_into != own_id;
    if (retired) {
        // Where nobody else has the new externalId, the link has moved there already.
        if (record.renamed && known.link)
            return Decision::hold_for(HoldReason::external_id_taken, "externalId", {},
                                      known.link->medicapp_id);
        // Medicapp never had the retired patient: the survivor comes by itself.
        return in_medicapp ? hold_merged(known) : Decision(Kind::nothing);
    }
    if (record.hold) {
        return Decision::hold_for(record.hold->reason, record.hold->defect.field,
                                  record.hold->defect.reason);
    }
    if (known.tombstone && input.policy.on_erased == reconcile::OnErased::hold) {
        return Decision::hold_for(HoldReason::erased_in_medicapp, {}, {},
                                  known.tombstone->medicapp_id);
    }
    return std::nullopt;
}

Decision decide_linked(const DecisionInput& input) {
    const auto& link = *input.known.link;
    if (input.known.held && input.known.held->reason == HoldReason::identity_mismatch) {
        // The linked Medicapp patient carries another externalId now; only Medicapp can mend that.
        return Decision::hold_for(HoldReason::identity_mismatch, "externalId",
                                  input.known.held->detail, link.medicapp_id);
    }
    const auto& baselines = link.baselines;
    const auto medicapp =
        input.seen ? completed(*input.seen, baselines.medicapp) : baselines.medicapp;
    const auto agreed = with_unanswered_write(baselines, input.known.intent, medicapp);
    auto his = input.his;
    his.modified_at =
        believed_time(his.modified_at, input.record.unbelieved_at, link.baselines.his);
    auto plan = plan_update(&agreed, his, cleared_fields(input.record), medicapp, input.policy);
    std::optional<reconcile::IdentityDrift> drift;
    if (!(plan.replaced & reconcile::strict_traits()).empty()) {
        // Who the record describes is compared by what is there, not by digests.
        if (!input.look) {
            auto decision = Decision::inspect(std::vector<std::string>(1, link.medicapp_id));
            decision.plan = std::move(plan);
            decision.medicapp_id = link.medicapp_id;
            return decision;
        }
        const IdentityTraits ours(input.record.patient, input.record.other_last_name,
                                  input.identity);
        const IdentityTraits theirs(input.look->patient, {}, input.identity);
        const bool challenged =
            input.known.held && input.known.held->reason == HoldReason::divergence;
        auto verdict =
            reconcile::judge_identity({link.drift, plan.write, input.his, baselines.medicapp.fields,
                                       medicapp, ours, theirs, input.clocks, challenged});
        if (verdict.divergence) {
            return Decision::hold_for(HoldReason::divergence, names(verdict.traits), {},
                                      link.medicapp_id);
        }
        drift = std::move(verdict.after);
    }
    const auto merged = merged_baseline(baselines.his, input.his);
    const bool refreshed =
        input.seen || merged.fields != baselines.his.fields ||
        merged.modified_at != baselines.his.modified_at ||
        (input.record.unbelieved_at && input.record.unbelieved_at != link.unbelieved_at);
    Decision decision(plan.writes() ? Kind::update : refreshed ? Kind::refresh : Kind::nothing);
    decision.plan = std::move(plan);
    decision.medicapp_id = link.medicapp_id;
    decision.drift = std::move(drift);
    return decision;
}

Decision decide_anew(const DecisionInput& input) {
    if (auto decision = decide_by_record(input)) return *std::move(decision);
    if (input.known.link) return decide_linked(input);
    if (input.known.unlinked) {
        return Decision::inspect(std::vector<std::string>(1, input.known.unlinked->medicapp_id));
    }
    if (!input.look_alikes.empty() &&
        input.policy.on_unlinked_match != reconcile::OnUnlinkedMatch::create) {
        return Decision::inspect(input.look_alikes);
    }
    return Decision(Kind::create);
}

} // namespace

bool stops_all_sources(HoldReason reason) {
    return !lies_in_medicapp(reason) && reason != HoldReason::invalid;
}

bool lies_in_medicapp(HoldReason reason) {
    switch (reason) {
    case HoldReason::identity_mismatch:
    case HoldReason::conflict_unresolved:
    case HoldReason::possible_duplicate:
    case HoldReason::erased_in_medicapp:
    case HoldReason::external_id_taken:
    case HoldReason::rejected:
    case HoldReason::refused_by_server:
        return true;
    default:
        return false;
    }
}

Decision decide(const DecisionInput& input) {
    if (!input.accept_older && is_older_than_taken(input)) return Decision(Kind::untouched);
    const auto& held = input.known.held;
    // A record in use stands against a merge that another source states: see Claims.
    if (input.held_by_other && stops_all_sources(held->reason) &&
        held->reason != HoldReason::merged_in_his)
        return Decision(Kind::still_held);
    const bool same_record = held && held->record == input.record_digest;
    if (same_record && !input.retry_held) return Decision(Kind::still_held);
    auto decision = decide_anew(input);
    // What Medicapp has refused it would refuse again: only another record or another look of its
    // patient is worth a request.
    const bool refused = same_record && held->reason == HoldReason::rejected && !input.seen;
    const bool writes = decision.kind == Kind::create || decision.kind == Kind::update ||
                        (decision.kind == Kind::inspect && input.known.link);
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

Decision decide_adoption(const Assessed& record, const SideView& his,
                         const std::optional<state::Intent>& intent,
                         const connectors::MedicappPatient& holder, const SideView& holder_view,
                         const reconcile::Policy& policy,
                         const reconcile::IdentityPolicy& identity) {
    const auto& holder_key = holder.patient.external_id();
    const bool other_key = !holder_key.empty() && holder_key != record.patient.external_id();
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    const IdentityTraits theirs(holder.patient, {}, identity);
    if (other_key || !agree(ours, theirs)) {
        return Decision::hold_for(HoldReason::identity_mismatch, {}, {}, holder.id);
    }
    const auto agreed = with_unanswered_write({}, intent, holder_view);
    auto plan = plan_update(&agreed, his, cleared_fields(record), holder_view, policy);
    const reconcile::IdentityDrift none;
    const auto verdict = reconcile::judge_identity(
        {none, plan.write, his, holder_view.fields, holder_view, ours, theirs, {}});
    if (verdict.divergence) {
        return Decision::hold_for(HoldReason::divergence, names(verdict.traits), {}, holder.id);
    }
    Decision decision(Kind::adopt);
    decision.plan = std::move(plan);
    decision.medicapp_id = holder.id;
    decision.write_external_id = holder_key.empty();
    return decision;
}

Decision decide_after_merge(const Assessed& record, const connectors::MedicappPatient& survivor,
                            const reconcile::IdentityPolicy& identity) {
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    if (!agree(ours, IdentityTraits(survivor.patient, {}, identity))) return Decision(Kind::create);
    return Decision::hold_for(HoldReason::merged_in_his, {}, {}, survivor.id);
}

Decision decide_look_alike(const Assessed& record, const SideView& his,
                           const std::vector<connectors::MedicappPatient>& candidates,
                           const std::vector<SideView>& views, const reconcile::Policy& policy,
                           const reconcile::IdentityPolicy& identity) {
    const IdentityTraits ours(record.patient, record.other_last_name, identity);
    std::optional<std::size_t> match;
    bool several = false;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (!candidates[i].patient.external_id().empty()) continue;
        if (!agree(ours, IdentityTraits(candidates[i].patient, {}, identity))) continue;
        several = match.has_value();
        if (!match) match = i;
    }
    if (!match) return Decision(Kind::create);
    if (several || policy.on_unlinked_match == reconcile::OnUnlinkedMatch::hold) {
        return Decision::hold_for(HoldReason::possible_duplicate, {},
                                  several ? "several Medicapp patients match" : "",
                                  candidates[*match].id);
    }
    return decide_adoption(record, his, std::nullopt, candidates[*match], views[*match], policy,
                           identity);
}

bool same_person(const Assessed& a, const Assessed& b) {
    const auto has_traits = [](const Assessed& record) {
        return record.patient[reconcile::Field::last_name].is_known() &&
               record.patient[reconcile::Field::first_name].is_known() &&
               record.patient[reconcile::Field::birth_date].is_known();
    };
    if (!has_traits(a) || !has_traits(b)) return true;
    return agree(IdentityTraits(a.patient, a.other_last_name),
                 IdentityTraits(b.patient, b.other_last_name));
}

} // namespace medibridge::sync
