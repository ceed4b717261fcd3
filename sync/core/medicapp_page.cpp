#include "sync/core/medicapp_page.hpp"

#include "base/log/catalogue.hpp"
#include "reconcile/identity.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/renaming.hpp"
#include "sync/core/rewound.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::MedicappPatient;
using reconcile::Digest;
using reconcile::Field;
using reconcile::HoldReason;

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

namespace {

/// Holds whose cause is in Medicapp: deciding on the HIS's record again may end them.
bool depends_on_medicapp(HoldReason reason) {
    return reason == HoldReason::conflict_unresolved || reason == HoldReason::identity_mismatch ||
           reason == HoldReason::external_id_taken || reason == HoldReason::possible_duplicate ||
           reason == HoldReason::refused_by_server;
}

bool is_as_known(const MedicappPatient& now, const std::optional<state::Unlinked>& before) {
    return before && now.modified_at && before->modified_at == now.modified_at &&
           before->external_id == now.patient.external_id();
}

/// Merged into another patient in the HIS, but still in Medicapp.
state::Held held_because_retired(const Rules& rules, const MedicappPatient& patient) {
    state::Held held;
    held.key = patient.patient.external_id();
    held.reason = HoldReason::merged_in_his;
    held.medicapp_id = patient.id;
    held.held_at_ms = rules.request.wall_clock_ms;
    return held;
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

/// Whether the HIS has given something that the page does not show.
bool hides_what_matters(const MedicappPatient& patient, const reconcile::FieldDigests& his) {
    return std::ranges::any_of(reconcile::all_fields(), [&](Field field) {
        return !patient.shown.has(field) && !is_unknown(of(his, field));
    });
}

bool is_empty(const reconcile::FieldDigest& digest) {
    return is_unknown(digest) || digest == reconcile::cleared_digest;
}

/// Whether the patient looks as the create made them: has what was sent, and nothing else.
bool is_as_created(const reconcile::FieldDigests& sent, const reconcile::SideView& view) {
    return std::ranges::all_of(reconcile::all_fields(), [&](Field field) {
        const auto& ours = of(sent, field);
        const auto& theirs = of(view.fields, field);
        return ours == theirs || (is_empty(ours) && is_empty(theirs));
    });
}

Effects link_created_patient(const state::Intent& create, const MedicappPatient& patient,
                             reconcile::SideView view) {
    Effects effects;
    state::Link link;
    link.external_id = create.external_id;
    link.medicapp_id = patient.id;
    link.baselines.his.fields = create.sent;
    link.baselines.medicapp = std::move(view);
    effects.changes.put_link(std::move(link));
    effects.changes.drop_intent(create.external_id);
    effects.changes.drop_tombstone(create.external_id);
    Item item;
    item.record.patient = reconcile::Patient(create.external_id);
    effects.append(act(item, Action::linked, patient.id, reconcile::FieldSet()));
    return effects;
}

/// One of whom an operator has accepted that they are like this is none.
void note_if_stale(const Rules& rules, Observations& observations, const MedicappPatient& patient,
                   const state::Link& link) {
    const auto& baseline = link.baselines.medicapp;
    if (!is_older(link, patient.modified_at)) return;
    const auto thing = rewound_patient(link.external_id, baseline.modified_at, patient.modified_at);
    if (rules.request.accept_rewind.names(thing)) return;
    const auto view =
        medicapp_view(patient, link.external_id, rules.digester, rules.settings.identity);
    observations.note_stale({link.medicapp_id, link.external_id, baseline.modified_at,
                             patient.modified_at, differing(view.fields, baseline.fields)});
}

/// Takes note of a page's patients, one by one.
class PageReader {
  public:
    PageReader(const Rules& rules, Observations& observations, bool compare_all)
        : rules_(&rules),
          observations_(&observations),
          compare_all_(compare_all) {}

    /// `known`: of its externalId; null: it has none.
    void note_unlinked(const MedicappPatient& patient, const state::Known* known);
    void note_linked(const MedicappPatient& patient, const state::Link& link,
                     const state::Known& known);

    PageFindings found;

  private:
    bool compare(const MedicappPatient& patient, const state::Link& link);

    const Rules* rules_;
    Observations* observations_;
    bool compare_all_;
};

void PageReader::note_unlinked(const MedicappPatient& patient, const state::Known* known) {
    if (!known) observations_->note_look_alikes();
    // An earlier cycle's create may have made this patient, without our seeing the answer.
    const auto* intent = known && known->intent ? &*known->intent : nullptr;
    if (intent && intent->kind == state::Intent::Kind::create &&
        observations_->has_old_intent(intent->external_id))
        found.unanswered.push_back({*intent, patient.id});
    const bool same = known && known->unlinked && known->unlinked->medicapp_id == patient.id &&
                      known->unlinked->modified_at == patient.modified_at;
    if (same) return;
    found.effects.changes.put_unlinked(unlinked_of(*rules_, patient));
    if (!known) return;
    if (known->held && depends_on_medicapp(known->held->reason))
        observations_->want(patient.patient.external_id());
    if (!known->held && !known->redirect.empty())
        found.effects.append(hold(held_because_retired(*rules_, patient)));
}

void PageReader::note_linked(const MedicappPatient& patient, const state::Link& link,
                             const state::Known& known) {
    const auto& carried = patient.patient.external_id();
    if (carried != link.external_id) {
        // A list may show less than there is.
        if (carried.empty())
            found.to_observe.push_back(link);
        else
            observations_->note_renamed({link, carried});
        return;
    }
    if (known.held && known.held->reason == HoldReason::identity_mismatch) {
        // It has its externalId again: the HIS's present record decides what follows.
        found.effects.append(release(*known.held));
        observations_->want(link.external_id);
    }
    if (compare(patient, link)) found.to_observe.push_back(link);
}

/// Compares the patient with what was agreed. True if the address must be read to know more.
bool PageReader::compare(const MedicappPatient& patient, const state::Link& link) {
    const auto& baseline = link.baselines.medicapp;
    const auto& shown_at = patient.modified_at;
    const auto& known_at = baseline.modified_at;
    note_if_stale(*rules_, *observations_, patient, link);
    // A list that lags shows the patient as before our own write.
    const bool outdated = shown_at && known_at && *shown_at < *known_at;
    if (outdated && !compare_all_) return false;

    auto view =
        medicapp_view(patient, link.external_id, rules_->digester, rules_->settings.identity);
    // The same time is no proof: where times are whole seconds, somebody may have changed the
    // patient within the second of our own write.
    const bool same_time = shown_at && shown_at == known_at;
    const bool same_fields = differing(view.fields, baseline.fields).empty();
    if (same_time && same_fields) return false;
    const bool is_hidden = hides_what_matters(patient, link.baselines.his.fields);
    // That nobody touched what a list does not show is known only of a patient as created.
    const bool as_created = patient.created_at && patient.created_at == shown_at;
    if (same_fields && !known_at && (as_created || !is_hidden)) {
        // Medicapp did not say when it took our own write: this is that write.
        auto written = link;
        written.baselines.medicapp = completed(std::move(view), baseline);
        found.effects.changes.put_link(std::move(written));
        return false;
    }
    if (observations_->is_full()) return false;
    observations_->note_change(link.external_id, completed(std::move(view), baseline));
    return !same_time && is_hidden;
}

} // namespace

void find_stale(const Rules& rules, Observations& observations,
                const connectors::MedicappPage& page,
                const std::vector<std::optional<state::Link>>& links) {
    for (std::size_t i = 0; i < page.patients.size(); ++i) {
        const auto& patient = page.patients[i];
        const bool is_theirs = links[i] && patient.patient.external_id() == links[i]->external_id;
        if (is_theirs) note_if_stale(rules, observations, patient, *links[i]);
    }
}

void MedicappPass::note(const connectors::MedicappPage& page, const connectors::ListQuery& query) {
    if (query.page == 1) {
        total_ = page.total;
        result.started_at = page.server_time;
    }
    if (!page.patients.empty()) ++result.pages;
    result.precision = std::max(result.precision, page.precision);
    stable_ = stable_ && page.total == total_;
    nameless_ += page.nameless;
    if (contradiction_.empty()) contradiction_ = contradiction(page, query);
    for (const auto& patient : page.patients) {
        stable_ = ids.insert(patient.id) && stable_;
        result.note(patient.id, patient.modified_at, page.server_time);
    }
}

bool MedicappPass::proven() const {
    return stable_ && contradiction_.empty() &&
           static_cast<std::int64_t>(ids.size()) + nameless_ == total_;
}

Effects MedicappPass::moved(int attempt) const {
    Effects effects;
    auto event = log::Event(log::events::medicapp_unstable_list).with(log::Key::attempt, attempt);
    if (!contradiction_.empty()) event.add(log::Key::reason, contradiction_);
    effects.events.push_back(std::move(event));
    if (attempt == limits::reading_passes)
        effects.notice.left = contradiction_.empty()
                                  ? "Medicapp's list could not be confirmed complete: it "
                                    "differed each time it was read"
                                  : "Medicapp's list contradicts itself: " + contradiction_;
    return effects;
}

PageFindings find_in_page(const Rules& rules, Observations& observations,
                          const connectors::MedicappPage& page,
                          const std::vector<std::optional<state::Link>>& links,
                          const std::vector<state::Known>& known, bool compare_all) {
    PageReader reader(rules, observations, compare_all);
    for (std::size_t i = 0; i < page.patients.size(); ++i) {
        const auto& patient = page.patients[i];
        if (patient.external_id_unreadable) continue; // nobody knows whose they are
        if (links[i])
            reader.note_linked(patient, *links[i], known[i]);
        else
            reader.note_unlinked(patient,
                                 patient.patient.external_id().empty() ? nullptr : &known[i]);
    }
    return std::move(reader.found);
}

void want_held_about(const Rules& rules, Memory& memory, Observations& observations,
                     const std::vector<UnlinkedSight>& patients,
                     const std::vector<state::Held>& held) {
    for (const auto& hold : held) {
        if (!depends_on_medicapp(hold.reason)) continue;
        for (const auto& [now, before] : patients) {
            if (now->id != hold.medicapp_id || is_as_known(*now, before)) continue;
            const auto view =
                medicapp_view(*now, hold.key, rules.digester, rules.settings.identity);
            // Without a time, what was looked at once is known by its looks.
            const auto looks = rules.digester.text(
                "held about", hold.key + ' ' + now->patient.external_id() + ' ' +
                                  reconcile::hex(seen_digest(view, rules.digester)));
            if (memory.note_look(hold.key + ' ' + now->id, looks)) observations.want(hold.key);
        }
    }
}

namespace {

/// Whoever is held for what the HIS says of them by itself stays so, if that stops all sources:
/// nothing is written to them, and the look that ends the hold finds what they carry. The two
/// reasons would take turns.
bool is_news(const Renamed& patient, const state::Known& known) {
    const auto& held = known.held;
    const bool linked = known.link && known.link->medicapp_id == patient.link.medicapp_id;
    if (!linked) return false; // not any more
    const bool by_his =
        held && stops_all_sources(held->reason) && held->reason != HoldReason::divergence;
    const bool stays = by_his || (held && (held->reason == HoldReason::identity_mismatch ||
                                           held->reason == HoldReason::external_id_taken));
    return !stays && !is_our_renaming(known, patient.external_id);
}

} // namespace

Effects hold_renamed(const Rules& rules, const std::vector<Renamed>& patients,
                     const std::vector<state::Known>& known) {
    Effects effects;
    for (std::size_t i = 0; i < patients.size(); ++i) {
        const auto& [link, carried] = patients[i];
        if (!carried.empty()) effects.changes.put_prior(carried, link.external_id);
        if (is_news(patients[i], known[i])) effects.append(hold(held_because_renamed(rules, link)));
    }
    return effects;
}

void count_renamed(const std::vector<Renamed>& patients, const std::vector<state::Known>& known,
                   ChangeCounter& changes) {
    for (std::size_t i = 0; i < patients.size(); ++i) {
        if (is_news(patients[i], known[i]))
            changes.note(Change::hold(patients[i].link.external_id, HoldReason::identity_mismatch,
                                      reconcile::Digest()));
    }
}

Effects link_if_created(const Rules& rules, const state::Intent& create,
                        const MedicappPatient& patient) {
    const auto& id = create.external_id;
    if (patient.patient.external_id() != id) return {};
    auto view = medicapp_view(patient, id, rules.digester, rules.settings.identity);
    if (!is_as_created(create.sent, view)) return {};
    return link_created_patient(create, patient, std::move(view));
}

} // namespace medibridge::sync
