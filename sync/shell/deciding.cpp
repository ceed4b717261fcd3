#include "sync/shell/deciding.hpp"

#include "base/runtime/concurrency.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/recording.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPatient;
using reconcile::Assessed;
using reconcile::HoldReason;
using runtime::Task;
using Kind = Decision::Kind;

namespace {

std::vector<reconcile::Digest> matching_digests(const Context& context, const Assessed& record) {
    std::vector<reconcile::Digest> digests;
    const reconcile::IdentityTraits traits(record.patient, record.other_last_name,
                                           context.env.settings.identity);
    for (const auto& key : matching_keys(traits)) {
        digests.push_back(context.env.digester.text("matching key", key));
    }
    return digests;
}

/// Unlinked Medicapp patients without externalId that share a matching key with the record.
Task<std::vector<std::string>> find_look_alikes(Context& context, const Item& item) {
    auto keys = matching_digests(context, item.record);
    auto job = [keys = std::move(keys)](state::Store& store) {
        std::vector<std::string> ids;
        for (auto& unlinked : store.matching(keys))
            ids.push_back(std::move(unlinked.medicapp_id));
        return ids;
    };
    co_return co_await context.env.database.run(std::move(job));
}

/// Whether the patient is held for what another source, which is still configured, says.
bool is_held_by_other(const Context& context, const Item& item) {
    const auto& held = item.known.held;
    return held && !held->source.empty() && held->source != item.source &&
           !lies_in_medicapp(held->reason) && context.source_names.contains(held->source);
}

/// Whether what the item's source shows is how it is now, whatever its time says: a list shows the
/// present state, and an inbox has put in order what arrived.
bool shows_present(const Item& item) {
    return item.known.link && item.known.link->source == item.source;
}

/// Whether the item's source may end the patient's hold. One that stops all sources ends in a cycle
/// that reads them all: what the others said meanwhile is looked at then.
bool may_release(const Context& context, const Item& item, bool held_by_other) {
    const auto& held = item.known.held;
    if (!held) return false;
    if (held_by_other) return held->reason == HoldReason::merged_in_his;
    return !stops_all_sources(held->reason) || context.request.only_source.empty() ||
           context.source_names.size() == 1;
}

/// The Medicapp patient into whom this one was merged; empty: none is linked.
Task<std::string> find_survivor_of(Context& context, const Item& item) {
    constexpr int longest_chain = 8;
    auto id = item.known.redirect;
    for (int i = 0; i < longest_chain && !id.empty(); ++i) {
        std::vector<std::string> ids(1, id);
        const auto known = co_await context.env.database.look_up(std::move(ids));
        if (known.front().link) co_return known.front().link->medicapp_id;
        id = known.front().redirect;
    }
    co_return std::string();
}

/// Whether the patient is held because sources, or records of one, describe several people: with
/// several sources, only all of them together end that.
bool is_undecided(const Context& context, const Item& item) {
    const auto& held = item.known.held;
    return held && held->reason == HoldReason::ambiguous_source && !item.known.link &&
           context.source_names.size() > 1;
}

/// Why an item is decided although its record, or its time, is no news.
struct Anew {
    bool wanted = false;      ///< the HIS's present record is needed
    bool silenced = false;    ///< the source was not heard while the patient was held for another
    bool all_at_hand = false; ///< what the sources say together ends a hold that they caused
};

void decide_item(const Context& context, Item& item, Anew anew,
                 const std::vector<std::string>& look_alikes,
                 const MedicappPatient* look = nullptr) {
    const auto digest =
        item.known.held ? record_digest(item.record, context.env.digester) : reconcile::Digest();
    const auto& settings = context.env.settings;
    DecisionInput input(item.record, item.his, item.known, item.seen, look_alikes, digest,
                        settings.policy, settings.identity);
    input.retry_held = context.request.full || anew.wanted;
    input.accept_older = context.request.accept_rewind || anew.silenced || shows_present(item);
    input.held_by_other = is_held_by_other(context, item);
    if (anew.all_at_hand && !item.record.hold && is_undecided(context, item)) {
        input.retry_held = true;
        input.held_by_other = false;
    }
    input.look = look;
    input.machine_clock = machine_clock(context.request);
    input.clocks = context.clocks();
    item.decision = decide(input);
    item.may_release = may_release(context, item, input.held_by_other);
}

/// Whether a record that came a second time in one pass describes somebody else than the first,
/// whose values are known by their digests only.
bool contradicts_link(const Item& item) {
    if (!item.known.link) return false;
    const auto fields = differing(item.his.fields, item.known.link->baselines.his.fields);
    return fields.has(reconcile::Field::last_name) || fields.has(reconcile::Field::first_name) ||
           fields.has(reconcile::Field::birth_date);
}

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
/// erased, and must not come back by itself; unless it was somebody else all along.
Decision decide_absent(const state::Known& known, const reconcile::Policy& policy) {
    const bool was_ours =
        known.unlinked && !(known.held && known.held->reason == HoldReason::identity_mismatch);
    if (!was_ours || policy.on_erased == reconcile::OnErased::recreate)
        return Decision(Kind::create);
    return Decision::hold_for(HoldReason::erased_in_medicapp, {}, {}, known.unlinked->medicapp_id);
}

void decide_with_details(const Context& context, Item& item, std::vector<MedicappPatient> details) {
    const auto& env = context.env;
    std::vector<reconcile::SideView> views;
    for (const auto& detail : details) {
        views.push_back(
            medicapp_view(detail, item.external_id(), env.digester, env.settings.identity));
    }
    if (item.decision.inspects_survivor) {
        item.decision = details.empty() ? Decision(Kind::create)
                                        : decide_after_merge(item.record, details.front(),
                                                             env.settings.identity);
    } else if (details.empty()) {
        item.decision = decide_absent(item.known, env.settings.policy);
    } else if (item.known.unlinked) {
        item.decision = decide_adoption(item.record, item.his, item.known.intent, details.front(),
                                        views.front(), env.settings.policy, env.settings.identity);
    } else {
        item.decision = decide_look_alike(item.record, item.his, details, views,
                                          env.settings.policy, env.settings.identity);
    }
    for (auto& detail : details) {
        if (detail.id == item.decision.medicapp_id) item.detail = std::move(detail);
    }
}

void put_off(Context& context, Item& item) {
    item.decision = Decision(Kind::untouched);
    context.report.deferred += 1;
}

/// A read of one patient failed.
void put_off_refused(Context& context, Item& item, const connectors::ApiError& error,
                     const std::string& medicapp_id) {
    context.fail_one(refused_patient(context, item, error, medicapp_id));
    if (context.going())
        item.decision = Decision(Kind::untouched);
    else
        put_off(context, item);
}

/// Whether the item would end a hold of a linked patient without a look at Medicapp. What Medicapp
/// showed when the patient was held is in no baseline.
bool needs_look(const Item& item) {
    if (!item.known.held || !item.known.link || item.seen || !item.may_release) return false;
    const auto kind = item.decision.kind;
    return kind == Kind::update || kind == Kind::refresh || kind == Kind::nothing;
}

/// The Medicapp patients that the item's decision needs to see; none: it stands.
std::vector<std::string> ids_to_read(const Item& item) {
    if (item.decision.kind == Kind::inspect) return item.decision.inspect_ids;
    std::vector<std::string> ids;
    if (needs_look(item) || needs_whole_address(item)) ids.push_back(item.known.link->medicapp_id);
    return ids;
}

/// The same for a linked patient, who may be gone.
void decide_with_look(const Context& context, Item& item, std::vector<MedicappPatient> details) {
    const auto& env = context.env;
    const bool look = needs_look(item) || item.decision.kind == Kind::inspect;
    if (details.empty()) {
        const bool holds = env.settings.policy.on_erased == reconcile::OnErased::hold;
        if (look && holds)
            item.decision = Decision::hold_for(HoldReason::erased_in_medicapp, {}, {},
                                               item.known.link->medicapp_id);
        // An update finds out by itself that the patient is gone.
        else if (item.decision.kind == Kind::inspect)
            item.decision.kind = Kind::update;
        return;
    }
    item.detail = std::move(details.front());
    if (!look) return;
    item.seen =
        medicapp_view(*item.detail, item.external_id(), env.digester, env.settings.identity);
    Anew anew;
    anew.wanted = anew.silenced = true; // that was decided before
    decide_item(context, item, anew, std::vector<std::string>(), &*item.detail);
}

Task<void> inspect_item(Context& context, Item& item) {
    const auto ids = ids_to_read(item);
    std::vector<MedicappPatient> details;
    for (const auto& id : ids) {
        if (!context.going()) {
            put_off(context, item);
            co_return;
        }
        auto reply = co_await context.env.medicapp.get(id);
        if (reply) {
            details.push_back(std::move(*reply));
        } else if (reply.error().failure != Failure::not_found) {
            put_off_refused(context, item, reply.error(), id);
            co_return;
        }
    }
    if (item.decision.kind == Kind::inspect && !item.known.link) {
        decide_with_details(context, item, std::move(details));
    } else {
        decide_with_look(context, item, std::move(details));
    }
}

/// A record other than the one that the patient was held for calls for a cycle that reads all
/// sources, once.
void ask_for_all(Context& context, const Item& item) {
    const auto& held = *item.known.held;
    const auto digest = record_digest(item.record, context.env.digester);
    if (held.source == item.source && held.record == digest) return;
    const bool is_new =
        context.memory.asked.insert(item.source + ' ' + reconcile::hex(digest)).second;
    if (is_new) context.reread_wanted = true;
}

/// Nothing is written over a name by what stands where none is known.
void leave_out_placeholders(Item& item) {
    if (!item.known.link) return;
    for (const auto field : reconcile::all_fields()) {
        if (item.record.placeholders.has(field))
            item.record.patient[field] = reconcile::FieldValue();
    }
}

/// Where another source with priority gave the patient's contact data, this one is not asked.
void respect_contact_priority(const Settings& settings, Item& item) {
    if (!item.known.link || settings.contact_priority.contains(item.source)) return;
    const auto& giver = item.known.link->contact_source;
    if (giver == item.source || !settings.contact_priority.contains(giver)) return;
    for (const auto field : reconcile::all_fields()) {
        if (is_contact(field)) item.record.patient[field] = reconcile::FieldValue();
    }
}

} // namespace

Task<std::vector<Item>> decide_items(Context& context, const Observations& observations,
                                     std::string source, std::vector<Assessed> records) {
    std::vector<std::string> external_ids;
    external_ids.reserve(records.size());
    for (const auto& record : records) {
        external_ids.push_back(state_key(record, context.env.digester));
    }
    auto known = co_await context.env.database.look_up(std::move(external_ids));

    std::vector<Item> items(records.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
        auto& item = items[i];
        item.source = source;
        item.record = std::move(records[i]);
        item.known = std::move(known[i]);
        respect_contact_priority(context.env.settings, item);
        leave_out_placeholders(item);
        item.his = his_view(item.record, context.env.digester);
        const auto change = observations.changed.find(item.external_id());
        if (change != observations.changed.end()) item.seen = change->second.view;
        Anew anew;
        anew.wanted = observations.wants(item.source, item.external_id());
        anew.silenced = observations.wants_of(item.source, item.external_id());
        anew.all_at_hand = observations.all_at_hand;
        decide_item(context, item, anew, std::vector<std::string>());
        const auto& held = item.known.held;
        if (observations.streaming && held && held->reason == HoldReason::ambiguous_source) {
            item.decision = Decision(Kind::still_held);
        }
        if (is_undecided(context, item) && !observations.all_at_hand) {
            item.decision = Decision(Kind::still_held);
            if (!observations.all_whole) ask_for_all(context, item);
        }
        if (observations.repeated.contains(item.external_id()) && contradicts_link(item)) {
            item.decision = Decision::hold_for(HoldReason::ambiguous_source);
        }
        if (item.decision.kind == Kind::create && !item.known.redirect.empty()) {
            auto survivor = co_await find_survivor_of(context, item);
            if (!survivor.empty()) {
                item.decision = Decision::inspect(std::vector<std::string>(1, std::move(survivor)));
                item.decision.inspects_survivor = true;
            }
        }
        if (item.decision.kind == Kind::create && observations.look_alikes_possible) {
            const auto look_alikes = co_await find_look_alikes(context, item);
            if (!look_alikes.empty()) decide_item(context, item, anew, look_alikes);
        }
    }
    co_return items;
}

Task<void> inspect_items(Context& context, std::vector<Item>& items) {
    std::vector<std::size_t> to_inspect;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!ids_to_read(items[i]).empty()) to_inspect.push_back(i);
    }
    std::function<Task<void>(std::size_t)> inspect = [&](std::size_t i) {
        return inspect_item(context, items[to_inspect[i]]);
    };
    co_await runtime::for_each_concurrently(to_inspect.size(), context.env.settings.concurrency,
                                            std::move(inspect));
}

} // namespace medibridge::sync
