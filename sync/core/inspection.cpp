#include "sync/core/inspection.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/beside_another.hpp"
#include "sync/core/decision_table.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/order.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/resemblance.hpp"
#include "sync/core/restraints.hpp"
#include "sync/core/returned.hpp"
#include "sync/core/unnamed.hpp"
#include "sync/core/views.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace medibridge::sync {

using connectors::MedicappPatient;
using reconcile::HoldReason;
using Kind = Decision::Kind;

namespace {

/// Whether an update writes a part of the address while both sides do not agree on the rest, which
/// has to be sent along as Medicapp has it.
bool needs_whole_address(const Item& item) {
    if (item.decision.kind != Kind::update) return false;
    const auto& baseline = item.known.link->baselines.medicapp;
    const auto medicapp = item.seen ? completed(*item.seen, baseline) : baseline;
    bool writes = false;
    bool agreed = true;
    for (const auto field : reconcile::all_fields()) {
        if (!is_address(field)) continue;
        const bool written = item.decision.plan.write.has(field);
        writes = writes || written;
        agreed = agreed && (written || of(item.his.fields, field) == of(medicapp.fields, field));
    }
    return writes && !agreed;
}

/// None of the Medicapp patients that were asked for is there. One that carried the externalId was
/// erased, and must not come back by itself, unless it always was somebody else.
Decision decide_absent(const state::Known& known, const reconcile::Policy& policy) {
    const bool was_ours =
        known.unlinked && !(known.held && known.held->reason == HoldReason::identity_mismatch);
    if (!was_ours || policy.on_erased == reconcile::OnErased::recreate)
        return Decision(Kind::create);
    return Decision::hold_for(HoldReason::erased_in_medicapp, {}, {}, known.unlinked->medicapp_id);
}

/// The linked patient who is to get the item's externalId, if they were read beside others.
std::optional<MedicappPatient> take_former(const Item& item,
                                           std::vector<MedicappPatient>& details) {
    const auto& read = item.decision.inspect_ids;
    const bool asked = item.former && !read.empty() && read.back() == item.former->medicapp_id &&
                       (item.decision.inspection == Inspection::former || read.size() > 1);
    if (!asked || details.empty() || details.back().id != item.former->medicapp_id)
        return std::nullopt;
    auto former = std::move(details.back());
    details.pop_back();
    return former;
}

bool says_divergence(const Decision& decision) {
    return decision.kind == Kind::hold && decision.hold_reason == HoldReason::divergence;
}

/// Whether the erased patient seems to be in Medicapp again, and somebody else it is.
bool is_another_returned(const Rules& rules, const Item& item, const MedicappPatient& patient) {
    return !returned_as(item.known).empty() && is_another(rules, item.record, patient);
}

/// The operator says which Medicapp patient the item is.
Decision decide_ordered_link(const Rules& rules, Item& item,
                             const std::vector<MedicappPatient>& details) {
    if (details.empty()) {
        refuse_order(item, "Medicapp has no such patient");
        return Decision(Kind::still_held);
    }
    const auto& patient = details.front();
    const auto& key = patient.patient.external_id();
    if (!key.empty() && key != item.external_id()) {
        refuse_order(item, "that Medicapp patient has another externalId");
        return Decision(Kind::still_held);
    }
    const auto view =
        medicapp_view(patient, item.external_id(), rules.digester, rules.settings.identity);
    if (!is_ordered_about(rules, item, DecisionKind::link, view)) return Decision(Kind::still_held);
    if (is_another_returned(rules, item, patient)) {
        refuse_order(item, another_has_returned);
        return Decision(Kind::still_held);
    }
    const auto names = unnamed(rules, item.record, patient);
    if (names.empty()) return decide_adoption(rules, item, item.known.intent, patient, true);
    auto sent = item;
    leave_out_names(rules, sent, names);
    if (!(resemblance(rules, sent.record, patient).differs - names).empty()) {
        refuse_order(item, record_names_nobody);
        return Decision(Kind::still_held);
    }
    item = std::move(sent);
    return decide_adoption(rules, item, item.known.intent, patient, true);
}

void judge_with_candidates(const Rules& rules, Item& item, std::vector<MedicappPatient> details) {
    const auto former = take_former(item, details);
    if (is_ordered(item, DecisionKind::link)) {
        item.decision = decide_ordered_link(rules, item, details);
    } else if (item.decision.inspection == Inspection::returned) {
        item.decision = decide_returned(item.known, details.empty() ? nullptr : &details.front());
    } else if (item.decision.inspection == Inspection::survivor) {
        item.decision = details.empty() ? Decision(Kind::create)
                                        : decide_after_merge(rules, item, details.front());
    } else if (item.decision.inspection == Inspection::former) {
        item.decision = Decision(Kind::create);
    } else if (details.empty()) {
        item.decision = decide_absent(item.known, rules.settings.policy);
    } else if (item.known.unlinked) {
        item.decision = decide_adoption(rules, item, item.known.intent, details.front());
    } else {
        item.decision = decide_look_alike(rules, item, details);
    }
    // Nobody is created under an externalId that a linked patient is to get, but by an operator.
    if (item.decision.kind == Kind::create && item.former &&
        !is_ordered(item, DecisionKind::create))
        item.decision = decide_beside_former(rules, item, former ? &*former : nullptr);
    keep_awaiting(rules, item);
    keep_misnamed(item);
    keep_ignored(rules, item);
    respect_refusal(item);
    for (auto& detail : details) {
        if (detail.id == item.decision.medicapp_id)
            item.detail = std::make_shared<const MedicappPatient>(std::move(detail));
    }
}

/// Whether the linked Medicapp patient must be read first: before a hold ends, as what Medicapp
/// showed when the patient was held is in no baseline; and before an update.
bool needs_look(const Item& item) {
    if (!item.known.link || item.seen) return false;
    const auto kind = item.decision.kind;
    // Nobody answered our last update. Before another one takes the place of its intent it must be
    // known what it did, or our own value would pass for somebody else's edit.
    const bool unanswered =
        item.known.intent && item.known.intent->kind == state::Intent::Kind::update;
    if ((unanswered || item.unconfirmed) && kind == Kind::update) return true;
    if (!item.known.held || !item.may_release) return false;
    return kind == Kind::update || kind == Kind::refresh || kind == Kind::nothing;
}

/// Whether the record, which says in full who its patient is, describes another person than the
/// linked Medicapp patient, who is still whom we linked: in another space under the same ids nobody
/// is.
bool describes_another(const Rules& rules, const Item& item, const MedicappPatient& patient) {
    const auto& policy = rules.settings.identity;
    const auto now = medicapp_view(patient, item.external_id(), rules.digester, policy);
    if (moves_identity(item.known.link->baselines.medicapp, now)) return false;
    const reconcile::IdentityTraits ours(item.record.patient, item.record.other_last_name, policy);
    const reconcile::IdentityTraits theirs(patient.patient, {}, policy);
    return ours.names_somebody() && theirs.names_somebody() && describe_two(ours, theirs);
}

constexpr std::string_view may_be_the_same =
    "the record may be that of the linked Medicapp patient, who would be there twice: put the "
    "externalId right in Medicapp";

/// Whether the linked Medicapp patient carries another externalId than the link says; then what
/// follows is decided. `is_present`: the record tells how the patient is now.
bool is_another_now(const Rules& rules, Item& item, const MedicappPatient& patient,
                    bool is_present) {
    const auto& carried = patient.patient.external_id();
    if (patient.external_id_unreadable || carried == item.external_id()) return false;
    // Of several sources one alone does not prove that it is another person: one of the others may
    // know the patient.
    const bool ordered = is_ordered(item, DecisionKind::create);
    const bool may_end = is_present && (ordered || !rules.several_sources());
    if (is_our_renaming(item.known, carried)) {
        item.decision = Decision(Kind::untouched);
    } else if (may_end && describes_another(rules, item, patient)) {
        item.decision = Decision(Kind::let_go);
    } else {
        if (ordered) refuse_order(item, may_be_the_same);
        item.decision = Decision::hold_for(HoldReason::identity_mismatch, "externalId",
                                           "externalId was changed in Medicapp", patient.id);
    }
    item.decision.medicapp_id = patient.id;
    return true;
}

/// For a linked patient, who may be gone.
void judge_with_look(const Rules& rules, Item& item, std::vector<MedicappPatient> details) {
    const bool look = needs_look(item) || item.decision.kind == Kind::inspect;
    const bool may_only_hold =
        item.decision.kind == Kind::inspect && item.decision.inspection == Inspection::older_record;
    if (details.empty() && may_only_hold) {
        item.decision = Decision(Kind::untouched);
        return;
    }
    if (details.empty()) {
        const bool holds = rules.settings.policy.on_erased == reconcile::OnErased::hold;
        if (look && holds)
            item.decision = Decision::hold_for(HoldReason::erased_in_medicapp, {}, {},
                                               item.known.link->medicapp_id);
        // An update finds out by itself that the patient is gone.
        else if (item.decision.kind == Kind::inspect)
            item.decision.kind = Kind::update;
        return;
    }
    item.detail = std::make_shared<const MedicappPatient>(std::move(details.front()));
    if (is_another_now(rules, item, *item.detail, !may_only_hold)) return;
    if (!look) return;
    item.seen =
        medicapp_view(*item.detail, item.external_id(), rules.digester, rules.settings.identity);
    is_ordered_about(rules, item, DecisionKind::update, *item.seen);
    // Why it is decided at all was found out before.
    judge_item(rules, item, {.wanted = true, .silenced = true, .look = &*item.detail});
    if (is_ordered(item, DecisionKind::update) && says_divergence(item.decision) &&
        !unnamed(rules, item.record, *item.detail).empty())
        refuse_order(item, record_names_nobody);
    if (may_only_hold && item.decision.kind != Kind::hold)
        item.decision = Decision(Kind::untouched);
}

} // namespace

bool needs_survivor(const Item& item) {
    return is_new_by_rules(item) && !item.known.redirect.empty();
}

void inspect_former(Item& item) {
    const bool decided =
        is_ordered(item, DecisionKind::create) || is_ordered(item, DecisionKind::link);
    if (!item.former || item.known.link || decided) return;
    auto& decision = item.decision;
    const auto& id = item.former->medicapp_id;
    if (decision.kind == Kind::create) decision = Decision::inspect(Inspection::former, {id});
    // Who has it may be gone, and who left it be somebody else.
    else if (decision.kind == Kind::inspect && (decision.inspection == Inspection::candidates ||
                                                decision.inspection == Inspection::survivor))
        decision.inspect_ids.push_back(id);
}

void inspect_survivor(Item& item, std::string medicapp_id) {
    item.decision = Decision::inspect(Inspection::survivor, {std::move(medicapp_id)});
}

std::vector<std::string> ids_to_read(const Item& item) {
    if (item.decision.kind == Kind::inspect) return item.decision.inspect_ids;
    std::vector<std::string> ids;
    if (needs_look(item) || needs_whole_address(item)) ids.push_back(item.known.link->medicapp_id);
    return ids;
}

void judge_with_details(const Rules& rules, Item& item, std::vector<MedicappPatient> details) {
    if (item.decision.kind == Kind::inspect && !item.known.link)
        judge_with_candidates(rules, item, std::move(details));
    else
        judge_with_look(rules, item, std::move(details));
}

} // namespace medibridge::sync
