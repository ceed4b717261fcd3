#include "sync/shell/medicapp_reading.hpp"

#include "base/log/catalogue.hpp"
#include "base/runtime/concurrency.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"
#include "sync/shell/unanswered_creates.hpp"

#include <algorithm>

namespace medibridge::sync {

using connectors::Failure;
using connectors::MedicappPage;
using connectors::MedicappPatient;
using reconcile::Field;
using reconcile::HoldReason;
using runtime::Task;

namespace {

/// A Medicapp patient of a page with what the state knows: of its id and of its externalId.
struct Listed {
    const MedicappPatient* patient;
    const std::optional<state::Link>* link;
    const state::Known* known;
};

state::Unlinked unlinked_of(const Rules& rules, const MedicappPatient& patient) {
    state::Unlinked unlinked;
    unlinked.medicapp_id = patient.id;
    unlinked.external_id = patient.patient.external_id();
    unlinked.modified_at = patient.modified_at;
    if (unlinked.external_id.empty()) {
        for (const auto& key : matching_keys(
                 reconcile::IdentityTraits(patient.patient, {}, rules.settings.identity))) {
            unlinked.matching_keys.push_back(rules.digester.text("matching key", key));
        }
    }
    return unlinked;
}

/// Holds whose cause is in Medicapp: a look at the HIS's record may end them.
bool depends_on_medicapp(HoldReason reason) {
    return reason == HoldReason::conflict_unresolved || reason == HoldReason::identity_mismatch ||
           reason == HoldReason::external_id_taken || reason == HoldReason::possible_duplicate ||
           reason == HoldReason::refused_by_server;
}

/// Merged into another patient in the HIS, and there in Medicapp all the same.
state::Held held_because_retired(const Rules& rules, const MedicappPatient& patient) {
    state::Held held;
    held.key = patient.patient.external_id();
    held.reason = HoldReason::merged_in_his;
    held.medicapp_id = patient.id;
    held.held_at_ms = rules.request.wall_clock_ms;
    return held;
}

Effects note_unlinked(const Rules& rules, Observations& observations, const Listed& listed) {
    Effects effects;
    const auto& patient = *listed.patient;
    const bool anonymous = patient.patient.external_id().empty();
    if (anonymous) observations.note_look_alikes();
    const auto* known = listed.known;
    const bool same = known && known->unlinked && known->unlinked->medicapp_id == patient.id &&
                      known->unlinked->modified_at == patient.modified_at;
    if (same) return effects;
    effects.changes.put_unlinked(unlinked_of(rules, patient));
    if (!known) return effects;
    if (known->held && depends_on_medicapp(known->held->reason)) {
        observations.want(patient.patient.external_id());
    }
    if (!known->held && !known->redirect.empty()) {
        effects.append(hold(held_because_retired(rules, patient)));
    }
    return effects;
}

state::Held held_because_renamed(const Rules& rules, const state::Link& link) {
    state::Held held;
    held.key = link.external_id;
    held.source = link.source;
    held.reason = HoldReason::identity_mismatch;
    held.field = "externalId";
    held.detail = "externalId was changed in Medicapp";
    held.medicapp_id = link.medicapp_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    return held;
}

/// A linked patient who carries another externalId in Medicapp.
struct Renamed {
    state::Link link;
    std::string external_id; ///< as Medicapp shows it
};

/// Linked patients whose externalId was changed in Medicapp: whom they describe is not known.
Task<Effects> note_renamed(Context& context, std::vector<Renamed> patients) {
    Effects effects;
    if (patients.empty()) co_return effects;
    std::vector<std::string> external_ids;
    for (const auto& patient : patients)
        external_ids.push_back(patient.link.external_id);
    const auto known = co_await context.env.database.look_up(std::move(external_ids));
    for (std::size_t i = 0; i < patients.size(); ++i) {
        const auto& before = known[i].held;
        if (before && before->reason == HoldReason::identity_mismatch) continue;
        // Our own doing, of a run that did not come to note it: the HIS's record follows.
        if (known[i].redirect == patients[i].external_id) continue;
        effects.append(hold(held_because_renamed(context.rules(), patients[i].link)));
    }
    co_return effects;
}

/// The linked patient has its externalId again: the HIS's present record decides what follows.
state::Batch note_external_id_restored(Observations& observations, const state::Link& link) {
    state::Batch batch;
    batch.release(link.external_id);
    observations.want(link.external_id);
    return batch;
}

/// The patient may be what a create of an earlier cycle made, whose answer never came.
bool is_unanswered(const Observations& observations, const Listed& listed) {
    return listed.known && listed.known->intent &&
           listed.known->intent->kind == state::Intent::Kind::create &&
           observations.has_old_intent(listed.known->intent->external_id);
}

bool knows_address(const reconcile::FieldDigests& digests) {
    return std::ranges::any_of(reconcile::all_fields(), [&](Field field) {
        return is_address(field) && !is_unknown(of(digests, field));
    });
}

void note_stale(Observations& observations, const state::Link& link,
                std::optional<reconcile::Instant> shown_at) {
    const auto& known_at = link.baselines.medicapp.modified_at;
    if (!shown_at || !known_at || *shown_at + list_time_grain >= *known_at) return;
    observations.note_stale(link);
}

/// Notes what a list item says of a linked patient. True if the address must be read to know more.
bool note_linked(const Rules& rules, Observations& observations, const Listed& listed,
                 bool compare_all, Effects& effects) {
    const auto& link = **listed.link;
    const auto& baseline = link.baselines.medicapp;
    const auto& patient = *listed.patient;
    note_stale(observations, link, patient.modified_at);
    const bool same_time = patient.modified_at && patient.modified_at == baseline.modified_at;
    // A list that lags shows the patient as before our own write.
    const bool outdated =
        patient.modified_at && baseline.modified_at && *patient.modified_at < *baseline.modified_at;
    if (outdated && !compare_all) return false;

    auto view = medicapp_view(patient, link.external_id, rules.digester, rules.settings.identity);
    // The same time is no proof: where times are whole seconds, somebody may have changed the
    // patient within the second of our own write.
    const bool same_fields = differing(view.fields, baseline.fields).empty();
    if (same_time && same_fields) return false;
    const bool address_matters = knows_address(link.baselines.his.fields);
    // A list shows no address: that nobody touched it is known only of a patient as created.
    const bool as_created = patient.created_at && patient.created_at == patient.modified_at;
    if (same_fields && !baseline.modified_at && (as_created || !address_matters)) {
        // Medicapp did not say when it took our own write: this is that write.
        auto written = link;
        written.baselines.medicapp = completed(std::move(view), baseline);
        effects.changes.put_link(std::move(written));
        return false;
    }
    if (observations.is_full()) return false;
    observations.note_change(link.external_id, completed(std::move(view), baseline));
    return !same_time && address_matters;
}

Task<void> note_page(Context& context, Observations& observations, const MedicappPage& page,
                     bool compare_all) {
    std::vector<std::string> ids;
    std::vector<std::string> external_ids;
    for (const auto& patient : page.patients) {
        ids.push_back(patient.id);
        external_ids.push_back(patient.patient.external_id());
    }
    const auto links = co_await context.env.database.links_to(std::move(ids));
    const auto known = co_await context.env.database.look_up(std::move(external_ids));

    const auto& rules = context.rules();
    Effects effects;
    std::vector<state::Link> to_observe;
    std::vector<Renamed> renamed;
    std::vector<Unanswered> unanswered;
    for (std::size_t i = 0; i < page.patients.size(); ++i) {
        const auto& patient = page.patients[i];
        const bool anonymous = patient.patient.external_id().empty();
        if (patient.external_id_unreadable) continue; // whose they are cannot be said
        const Listed listed{&patient, &links[i], anonymous ? nullptr : &known[i]};
        if (!links[i]) {
            effects.append(note_unlinked(rules, observations, listed));
            if (is_unanswered(observations, listed))
                unanswered.push_back({*listed.known->intent, patient.id});
            continue;
        }
        const auto& link = *links[i];
        if (patient.patient.external_id() != link.external_id) {
            renamed.push_back(Renamed{link, patient.patient.external_id()});
            continue;
        }
        if (listed.known->held && listed.known->held->reason == HoldReason::identity_mismatch) {
            effects.changes.append(note_external_id_restored(observations, link));
        }
        if (note_linked(rules, observations, listed, compare_all, effects)) {
            to_observe.push_back(link);
        }
    }
    effects.append(co_await note_renamed(context, std::move(renamed)));
    co_await context.apply(std::move(effects));

    std::function<Task<void>(std::size_t)> read_detail = [&](std::size_t i) -> Task<void> {
        if (!context.going()) co_return;
        co_await observe(context, observations, to_observe[i]);
    };
    co_await runtime::for_each_concurrently(to_observe.size(), context.env.settings.concurrency,
                                            std::move(read_detail));
    co_await link_created(context, std::move(unanswered));
}

/// One pass over the list.
struct Pass {
    bool ended = false;
    bool proven = false;
    std::string contradiction; ///< which of the list's own numbers disagree; empty: none
    reconcile::ReadResult result;
    base::IdSet ids;
};

Task<Pass> read_pass(Context& context, Observations& observations, connectors::ListQuery query,
                     bool compare_all, std::string anchor) {
    Pass pass;
    pass.result.anchor = std::move(anchor);
    std::int64_t total = 0;
    std::int64_t nameless = 0;
    bool stable = true;
    for (query.page = 1;; ++query.page) {
        if (!context.going()) co_return pass;
        auto reply = co_await context.env.medicapp.list(query);
        if (!reply) {
            context.halt(reply.error());
            co_return pass;
        }
        const auto& page = *reply;
        if (query.page == 1) {
            total = page.total;
            pass.result.started_at = page.server_time;
        }
        if (!page.patients.empty()) ++pass.result.pages;
        stable = stable && page.total == total;
        nameless += page.nameless;
        if (pass.contradiction.empty()) pass.contradiction = contradiction(page, query);
        for (const auto& patient : page.patients) {
            stable = pass.ids.insert(patient.id) && stable;
            pass.result.note(patient.id, patient.modified_at, page.server_time);
            observations.note_listed(patient);
        }
        pass.result.precision = std::max(pass.result.precision, page.precision);
        co_await note_page(context, observations, page, compare_all);
        if (page.patients.empty() || query.page >= page.total_pages) break;
    }
    pass.ended = context.going();
    pass.proven = stable && pass.contradiction.empty() &&
                  static_cast<std::int64_t>(pass.ids.size()) + nameless == total;
    co_return pass;
}

} // namespace

Task<bool> observe(Context& context, Observations& observations, state::Link link) {
    auto reply = co_await context.env.medicapp.get(link.medicapp_id);
    if (!reply) {
        if (reply.error().failure == Failure::not_found) co_return false;
        context.fail_one(RefusedPatient(link, reply.error()));
        // What the list alone shows of a change must not pass for all of it.
        observations.settle_change(link.external_id);
        co_return true;
    }
    const auto& env = context.env;
    observations.note_change(link.external_id, medicapp_view(*reply, link.external_id, env.digester,
                                                             env.settings.identity));
    co_return true;
}

Task<MedicappRead> read_medicapp(Context& context, Observations& observations,
                                 std::optional<reconcile::Instant> since,
                                 reconcile::Precision precision, bool compare_all,
                                 std::string anchor) {
    connectors::ListQuery query;
    query.modified_after = since;
    query.precision = precision;
    std::string contradicted;
    for (int attempt = 1; attempt <= limits::reading_passes; ++attempt) {
        auto pass = co_await read_pass(context, observations, query, compare_all, anchor);
        if (!pass.ended) co_return std::nullopt;
        if (pass.proven) {
            if (!since) observations.note_all(std::move(pass.ids));
            if (observations.is_full()) {
                context.leave_for_later("more patients changed in Medicapp than one cycle takes");
                co_return std::nullopt;
            }
            co_return pass.result;
        }
        auto event =
            context.event(log::events::medicapp_unstable_list).with(log::Key::attempt, attempt);
        if (!pass.contradiction.empty()) event.add(log::Key::reason, pass.contradiction);
        context.write(event);
        contradicted = std::move(pass.contradiction);
    }
    context.leave_for_later(contradicted.empty()
                                ? "Medicapp's list moved each time it was read"
                                : "Medicapp's list contradicts itself: " + contradicted);
    co_return std::nullopt;
}

} // namespace medibridge::sync
