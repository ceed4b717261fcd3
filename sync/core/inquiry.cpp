#include "sync/core/inquiry.hpp"

#include "sync/core/doubling.hpp"
#include "sync/core/home_country.hpp"
#include "sync/core/judgement.hpp"
#include "sync/core/unnamed.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::MedicappPatient;
using reconcile::HoldReason;

namespace {

constexpr const char* no_record = "no source shows the patient's record now";

bool writes(DecisionKind kind) {
    return kind != DecisionKind::retry && kind != DecisionKind::ignore;
}

std::string words_of(const state::OperatorDecision& decision) {
    return std::string(state::name(decision.kind)) + ", decided by " + decision.actor.name;
}

std::string words_for(const Rules& rules, const MedicappPatient& patient, const std::string& key) {
    const auto view = medicapp_view(patient, key, rules.digester, rules.settings.identity);
    return patient.id + ' ' + patient.patient.external_id() + ' ' +
           reconcile::hex(seen_digest(view, rules.digester));
}

reconcile::Digest token_of(const Rules& rules, const Inquiry& inquiry) {
    std::string all = inquiry.key;
    const auto& held = inquiry.known.held;
    if (held) {
        all += ' ';
        all += reconcile::name(held->reason);
        all += ' ' + held->field + ' ' + held->medicapp_id;
        if (held->acknowledged) all += " acknowledged";
    }
    if (const auto& pending = inquiry.known.decision)
        all += '\n' + words_of(*pending) + ' ' + std::to_string(pending->at_ms);
    for (const auto& sight : inquiry.sources) {
        all += '\n' + sight.source + ' ';
        if (sight.record) all += reconcile::hex(record_digest(*sight.record, rules.digester));
        for (const auto& record : sight.contradicting)
            all += ' ' + reconcile::hex(record_digest(record, rules.digester));
    }
    if (inquiry.medicapp) all += '\n' + words_for(rules, *inquiry.medicapp, inquiry.key);
    for (const auto& candidate : inquiry.candidates)
        all += '\n' + words_for(rules, candidate.patient, inquiry.key);
    if (inquiry.other && inquiry.other->patient)
        all += '\n' + words_for(rules, *inquiry.other->patient, inquiry.other->external_id);
    return rules.digester.text("what an operator saw", all);
}

void compare(const Rules& rules, Inquiry& inquiry) {
    const MedicappPatient* other = nullptr;
    if (inquiry.medicapp)
        other = &*inquiry.medicapp;
    else if (!inquiry.candidates.empty())
        other = &inquiry.candidates.front().patient;
    for (auto& sight : inquiry.sources) {
        if (!sight.record) continue;
        if (other) sight.differs = differing_fields(rules, *sight.record, *other);
        if (other)
            sight.unnamed = unnamed(rules, *sight.record, *other);
        else if (inquiry.known.link)
            sight.unnamed = sight.record->placeholders;
    }
    const auto* record = inquiry.record();
    if (!record) return;
    for (auto& candidate : inquiry.candidates)
        candidate.resemblance = resemblance(rules, *record, candidate.patient);
    if (inquiry.medicapp) inquiry.resemblance = resemblance(rules, *record, *inquiry.medicapp);
    if (other) inquiry.differs = differing_fields(rules, *record, *other);
}

/// Whether `retry` of a record without a usable externalId has nothing to look at: it is not kept,
/// or nothing of it could be read.
bool cannot_look_again(const Inquiry& now) {
    if (!is_nameless(now.key)) return false;
    const auto* record = now.record();
    return !record || (now.is_sent_to && record->patient.known().empty());
}

/// Why cannot_look_again().
std::string why_not_again(const Inquiry& now) {
    const auto source = leading_source(now.known);
    if (now.record())
        return "nothing of what arrived could be read, so nothing of it is kept: have what the "
               "hold's detail names corrected, and it sent, or the file dropped, again; or ignore "
               "it, if it is done with";
    if (now.is_sent_to)
        return "what arrived is not kept any more: have it sent, or the file dropped, again; or "
               "ignore it, if it is done with";
    return "a source cannot be asked for one record without a usable externalId: medibridgectl "
           "sync --full" +
           (source.empty() ? source : " --source " + source) +
           " reads all, and ends the hold if the record is not there any more";
}

/// The rule of the address, asked as if the HIS's had just changed: once it was left out, it is as
/// both sides last agreed.
reconcile::FieldSet withheld_address(const Rules& rules, const Inquiry& inquiry) {
    const auto* record = inquiry.record();
    if (!inquiry.known.link || !inquiry.medicapp || !record) return {};
    auto agreed = inquiry.known.link->baselines;
    for (const auto field : reconcile::all_fields()) {
        if (reconcile::is_address(field)) of(agreed.his.fields, field) = {};
    }
    const auto plan = plan_of(
        rules, inquiry.key, agreed, his_view(*record, rules.digester), cleared_fields(*record),
        medicapp_view(*inquiry.medicapp, inquiry.key, rules.digester, rules.settings.identity));
    return plan.partial_address ? inquiry.differs & reconcile::address_fields()
                                : reconcile::FieldSet();
}

/// The decision would be carried out, or it is said why not.
void add_preview(Inquiry& inquiry, Preview shown) {
    auto& list = shown.refused.empty() ? inquiry.previews : inquiry.refused;
    list.push_back(std::move(shown));
}

Preview refusal(DecisionKind kind, std::string why) {
    Preview shown;
    shown.decision = kind;
    shown.refused = std::move(why);
    return shown;
}

void add_previews(const Rules& rules, Inquiry& inquiry) {
    const auto* record = inquiry.record();
    const auto source = inquiry.record_source();
    const auto untold = unreadable_side(inquiry);
    for (const auto kind : decisions_on(inquiry.known)) {
        if (doubles(inquiry, kind)) {
            add_preview(inquiry, refusal(kind, why_doubled(inquiry)));
        } else if (!writes(kind)) {
            const bool gone = kind == DecisionKind::retry && cannot_look_again(inquiry);
            inquiry.previews.push_back(
                {kind, {}, {}, gone ? why_not_again(inquiry) : std::string()});
            inquiry.previews.back().ends_hold =
                kind == DecisionKind::ignore && inquiry.is_sent_to && is_nameless(inquiry.key);
        } else if (!untold.empty()) {
            inquiry.previews.push_back({kind, {}, {}, "cannot be told now: " + untold});
        } else if (!record && kind == DecisionKind::create && inquiry.is_sent_to) {
            inquiry.previews.push_back(
                {kind,
                 {},
                 {},
                 "a new Medicapp patient is created " + std::string(when_sent_again)});
        } else if (!record) {
            add_preview(inquiry, refusal(kind, no_record));
        } else if (kind == DecisionKind::link) {
            for (const auto& candidate : inquiry.candidates)
                add_preview(inquiry, preview(rules, source, *record, inquiry.known, kind,
                                             &candidate.patient));
        } else {
            const auto* about = inquiry.medicapp ? &*inquiry.medicapp : nullptr;
            add_preview(inquiry, preview(rules, source, *record, inquiry.known, kind, about));
        }
    }
}

} // namespace

std::string obstacle(const Inquiry& now, const Order& order) {
    for (const auto& shown : now.refused) {
        const bool is_about = shown.medicapp_id.empty() || shown.medicapp_id == order.medicapp_id;
        if (shown.decision == order.kind && is_about) return shown.refused;
    }
    return {};
}

std::vector<DecisionKind> decisions_on(const Inquiry& now) {
    auto kinds = decisions_on(now.known);
    std::erase_if(kinds, [&now](DecisionKind kind) {
        const auto has = [kind](const std::vector<Preview>& list) {
            return std::ranges::find(list, kind, &Preview::decision) != list.end();
        };
        return has(now.refused) && !has(now.previews);
    });
    return kinds;
}

std::string leading_source(const state::Known& known) {
    if (known.held && !known.held->source.empty()) return known.held->source;
    return known.link ? known.link->source : std::string();
}

const reconcile::Assessed* Inquiry::record() const {
    if (!leading.empty()) return sources.front().record ? &*sources.front().record : nullptr;
    for (const auto& sight : sources) {
        if (sight.record) return &*sight.record;
    }
    return nullptr;
}

std::string Inquiry::record_source() const {
    if (!leading.empty()) return leading;
    for (const auto& sight : sources) {
        if (sight.record) return sight.source;
    }
    return {};
}

void complete(const Rules& rules, Inquiry& inquiry) {
    compare(rules, inquiry);
    inquiry.withheld = withheld_address(rules, inquiry);
    inquiry.is_formers = describes_former(rules, inquiry);
    add_previews(rules, inquiry);
    inquiry.token = token_of(rules, inquiry);
}

std::string unreadable_side(const Inquiry& inquiry) {
    if (!inquiry.medicapp_trouble.empty())
        return "Medicapp cannot be read (" + inquiry.medicapp_trouble + ")";
    for (const auto& sight : inquiry.sources) {
        if (!sight.trouble.empty())
            return "source " + sight.source + " cannot be read (" + sight.trouble + ")";
    }
    return {};
}

std::string blindness(const Inquiry& now, const Order& order) {
    if (!writes(order.kind) && order.token.empty()) return {};
    const auto side = unreadable_side(now);
    return side.empty() ? side
                        : "cannot be told now whether that still fits: " + side +
                              "; nothing was decided, try again later";
}

bool may_wait(const Inquiry& now, const Order& order) {
    return order.kind == DecisionKind::create && now.is_sent_to && !now.record() &&
           now.known.held && now.known.held->reason == HoldReason::erased_in_medicapp;
}

bool ends_with_ignore(const Inquiry& now, const Order& order) {
    return order.kind == DecisionKind::ignore && now.is_sent_to && is_nameless(now.key);
}

std::string outdated(const Inquiry& now, const Order& order) {
    if (writes(order.kind) && !now.record() && !may_wait(now, order)) return no_record;
    if (order.kind == DecisionKind::retry && cannot_look_again(now)) return why_not_again(now);
    if (!order.token.empty() && order.token != reconcile::hex(now.token))
        return "the patient has changed since you looked: look at them again";
    return {};
}

std::string misfit(const state::Known& now, const Order& order) {
    const auto& held = now.held;
    const auto& pending = now.decision;
    const auto allowed = decisions_on(now);
    const std::string kind(state::name(order.kind));
    if (!held) return "the patient is not held (any more)";
    if (std::ranges::find(allowed, order.kind) == allowed.end())
        return kind + " does not fit a patient held for " +
               std::string(reconcile::name(held->reason));
    if (pending && writes(pending->kind) && now.intent)
        return words_of(*pending) + ", was sent, and what came of it is not known yet: the next "
                                    "cycle finds out";
    return {};
}

std::string under_way(const state::OperatorDecision& pending) {
    return words_of(pending) + ", may be carried out by the cycle that is running: decide again "
                               "once that has ended (`medibridgectl status` tells)";
}

state::Batch replaced(const state::OperatorDecision& pending, const Order& order) {
    state::Batch batch;
    state::AuditEntry line;
    line.external_id = pending.external_id;
    line.medicapp_id = pending.medicapp_id;
    line.action = "decision_replaced";
    line.detail = std::string(state::name(pending.kind)) + ": " +
                  std::string(state::name(order.kind)) + " takes its place";
    line.actor = order.actor;
    batch.audit(std::move(line));
    batch.drop_decision(pending.external_id);
    // Who said that they are nobody whom Medicapp has takes that back, too.
    if (pending.kind == DecisionKind::create) batch.withdraw_apart(pending.external_id);
    return batch;
}

namespace {

/// A patient whom nobody was shown beside the record, and who is somebody else by two strict
/// traits: most likely a slip of the id.
std::string unseen_stranger(const Rules& rules, const Inquiry& now, const MedicappPatient& about) {
    const bool shown = now.medicapp || std::ranges::any_of(now.candidates, [&](const auto& one) {
                           return one.patient.id == about.id;
                       });
    if (shown || !now.record()) return {};
    const auto differs = resemblance(rules, *now.record(), about).differs;
    if (differs.size() < reconcile::traits_of_another) return {};
    return "that Medicapp patient is not among those shown, and differs in " + names(differs) +
           ": check the id; if it is the same person, correct the patient in Medicapp first";
}

} // namespace

std::string obstacle_to_link(const Rules& rules, const Inquiry& now, const Order& order,
                             const MedicappPatient* about, bool linked) {
    if (order.medicapp_id.empty()) return "link needs the Medicapp id of the patient";
    if (!about) return "Medicapp has no patient with that id";
    if (now.medicapp && now.medicapp->id != about->id)
        return "another Medicapp patient carries this externalId";
    if (linked) return "that Medicapp patient is linked to another externalId";
    const auto& carried = about->patient.external_id();
    if (!carried.empty() && carried != order.key)
        return "that Medicapp patient carries another externalId";
    const auto stranger = unseen_stranger(rules, now, *about);
    if (!stranger.empty() || !now.record()) return stranger;
    return preview(rules, now.record_source(), *now.record(), now.known, DecisionKind::link, about)
        .refused;
}

state::OperatorDecision decision_of(const Rules& rules, const Inquiry& now, const Order& order,
                                    const MedicappPatient* about) {
    state::OperatorDecision decision;
    decision.external_id = order.key;
    decision.kind = order.kind;
    decision.medicapp_id = order.medicapp_id;
    if (now.record())
        decision.record = digest_in_item(rules, now.record_source(), *now.record(), now.known);
    const auto* seen = about ? about : now.medicapp ? &*now.medicapp : nullptr;
    if (seen) {
        const auto view = medicapp_view(*seen, order.key, rules.digester, rules.settings.identity);
        decision.medicapp = seen_digest(view, rules.digester);
    }
    decision.reason = order.reason;
    decision.actor = order.actor;
    decision.at_ms = rules.request.wall_clock_ms;
    return decision;
}

std::vector<state::ToldApart> told_apart(const Rules& rules, const Inquiry& now,
                                         const state::OperatorDecision& decision) {
    std::vector<state::ToldApart> told;
    if (decision.kind != DecisionKind::create || waits_for_record(decision)) return told;
    for (const auto& candidate : now.candidates)
        told.push_back({decision.external_id,
                        told_apart_digest(decision.record, candidate.patient.id, rules.digester)});
    return told;
}

std::map<std::string, reconcile::Digest> records_now(const Rules& rules, const Inquiry& now) {
    std::map<std::string, reconcile::Digest> records;
    for (const auto& sight : now.sources) {
        if (sight.record)
            records[sight.source] = digest_in_item(rules, sight.source, *sight.record, now.known);
    }
    return records;
}

state::AuditEntry audit_of(const Order& order) {
    state::AuditEntry line;
    line.external_id = order.key;
    line.medicapp_id = order.medicapp_id;
    line.action = "decided";
    line.detail = state::name(order.kind);
    if (!order.reason.empty()) line.detail += ": " + order.reason;
    line.actor = order.actor;
    return line;
}

} // namespace medibridge::sync
