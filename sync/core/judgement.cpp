#include "sync/core/judgement.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/decision_table.hpp"
#include "sync/core/order.hpp"
#include "sync/core/restraints.hpp"
#include "sync/core/views.hpp"
#include "sync/core/yielding.hpp"

#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::HoldReason;
using Kind = Decision::Kind;

namespace {

/// Whether the patient is held because of another source's record. That source is still configured.
bool is_held_by_other(const Rules& rules, const Item& item) {
    const auto& held = item.known.held;
    return held && !held->source.empty() && held->source != item.source &&
           !lies_in_medicapp(held->reason) && rules.source_names.contains(held->source);
}

/// Whether the item's source shows the present state, whatever the record's time: a list does, and
/// an inbox has sorted what arrived.
bool shows_present(const Item& item) {
    return item.known.link && item.known.link->source == item.source;
}

/// Whether the item's source may end the patient's hold. One that stops all sources ends in a cycle
/// that reads them all: what the others said meanwhile is looked at then.
bool may_release(const Rules& rules, const Item& item, bool held_by_other) {
    const auto& held = item.known.held;
    if (!held) return false;
    if (held_by_other) return held->reason == HoldReason::merged_in_his;
    return !stops_all_sources(held->reason) || rules.request.only_source.empty() ||
           !rules.several_sources();
}

/// Whether the patient is held because sources, or records of one, describe several people: with
/// several sources, only all of them together end that.
bool is_undecided(const Rules& rules, const Item& item) {
    const auto& held = item.known.held;
    return held && held->reason == HoldReason::ambiguous_source && !item.known.link &&
           rules.several_sources();
}

/// In what a second record in one pass describes another person than the first one, of which only
/// the digests are known; empty: it does not.
reconcile::FieldSet contradicts_link(const Item& item) {
    if (!item.known.link) return {};
    const auto fields = differing(item.his.fields, item.known.link->baselines.his.fields) &
                        reconcile::strict_traits();
    reconcile::FieldSet gender;
    gender.add(reconcile::Field::gender);
    return (fields - gender).empty() ? reconcile::FieldSet() : fields;
}

/// A placeholder for an unknown name never replaces a name.
void leave_out_placeholders(Item& item) {
    if (!item.known.link) return;
    for (const auto field : reconcile::all_fields()) {
        if (item.record.placeholders.has(field))
            item.record.patient[field] = reconcile::FieldValue();
    }
}

/// A time that may be earlier or later than the one taken, as it names no second, say, proves no
/// order: what came later counts, as without any.
void leave_out_vague_time(Item& item) {
    if (!item.known.link) return;
    auto& record = item.record;
    const auto& taken = item.known.link->baselines.his.modified_at;
    if (!taken || !record.modified_at || !record.modified_by) return;
    const bool vague = *record.modified_at < *taken && *taken <= *record.modified_by;
    if (vague) record.modified_at.reset();
}

/// If a source with priority gave the patient's contact data, this source's are ignored.
void respect_contact_priority(const Settings& settings, Item& item) {
    if (!item.known.link || settings.contact_priority.contains(item.source)) return;
    const auto& giver = item.known.link->contact_source;
    if (giver == item.source || !settings.contact_priority.contains(giver)) return;
    for (const auto field : reconcile::all_fields()) {
        if (is_contact(field)) item.record.patient[field] = reconcile::FieldValue();
    }
}

/// A record other than the one that the patient was held for.
bool is_news_of_held(const Rules& rules, const Item& item) {
    const auto& held = *item.known.held;
    return held.source != item.source || held.record != record_digest(item.record, rules.digester);
}

} // namespace

Item item_of(const Rules& rules, std::string source, Assessed record, state::Known known) {
    Item item;
    item.source = std::move(source);
    item.record = std::move(record);
    item.known = std::move(known);
    leave_out_vague_time(item);
    respect_contact_priority(rules.settings, item);
    leave_out_placeholders(item);
    item.his = his_view(item.record, rules.digester);
    take_order(rules, item);
    yield_to_giver(rules, item);
    return item;
}

reconcile::Digest digest_in_item(const Rules& rules, const std::string& source,
                                 const Assessed& record, const state::Known& known) {
    return record_digest(item_of(rules, source, record, known).record, rules.digester);
}

Occasion occasion_of(const Observations& observations, const Coverage& coverage, const Item& item) {
    const auto& id = item.name_in_source();
    return {.wanted = observations.wants(item.source, id),
            .silenced = observations.was_silenced(item.source, id),
            .stated = observations.stated_at_release(item.source, id),
            .streaming = coverage.streaming,
            .partial = coverage.partial,
            .repeated = coverage.repeated.contains(id),
            .all_whole = coverage.all_whole,
            .all_at_hand = coverage.all_at_hand};
}

void judge_item(const Rules& rules, Item& item, const Occasion& occasion,
                const std::vector<std::string>& look_alikes) {
    Grounds grounds;
    // Somebody may have made Medicapp's patient the person whom the record describes.
    const bool may_agree =
        item.seen && item.known.held && item.known.held->reason == HoldReason::divergence;
    grounds.retry_held = rules.request.full || occasion.wanted || item.ordered || may_agree;
    grounds.accept_older =
        rules.request.accept_rewind.given() || occasion.silenced || shows_present(item);
    grounds.held_by_other = is_held_by_other(rules, item);
    grounds.look = occasion.look;
    yield_to_newer(rules, item, occasion.stated);
    if (occasion.all_at_hand && !item.record.hold && is_undecided(rules, item)) {
        grounds.retry_held = true;
        grounds.held_by_other = false;
    }
    item.decision = decide(rules, item, grounds, look_alikes);
    item.may_release = may_release(rules, item, grounds.held_by_other);
    const auto& held = item.known.held;
    const bool ambiguous = held && held->reason == HoldReason::ambiguous_source;
    if ((occasion.streaming || occasion.partial) && ambiguous)
        item.decision = Decision(Kind::still_held);
    item.shown_in_part = occasion.partial && ambiguous;
    if (is_undecided(rules, item) && !occasion.all_at_hand) {
        item.decision = Decision(Kind::still_held);
        item.calls_for_all = !occasion.all_whole && (item.ordered || is_news_of_held(rules, item));
    }
    if (const auto fields = contradicts_link(item); occasion.repeated && !fields.empty())
        item.decision = Decision::hold_for(HoldReason::ambiguous_source, names(fields));
    keep_awaiting(rules, item);
    keep_misnamed(item);
    keep_ignored(rules, item);
    respect_refusal(item);
}

bool is_new_by_rules(const Item& item) {
    return item.decision.kind == Decision::Kind::create && !is_ordered(item, DecisionKind::create);
}

std::vector<reconcile::Digest> matching_digests(const Rules& rules, const Assessed& record) {
    std::vector<reconcile::Digest> digests;
    const reconcile::IdentityTraits traits(record.patient, record.other_last_name,
                                           rules.settings.identity);
    for (const auto& key : matching_keys(traits))
        digests.push_back(rules.digester.text("matching key", key));
    return digests;
}

} // namespace medibridge::sync
