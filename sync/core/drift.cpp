#include "sync/core/drift.hpp"

#include "sync/core/home_country.hpp"
#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <utility>

namespace medibridge::sync {

namespace {

/// The HIS's values that are to be written again over what Medicapp shows.
reconcile::UpdatePlan reassertion(const Rules& rules, const state::Link& link,
                                  const reconcile::SideView& seen) {
    auto his = link.baselines.his;
    his.modified_at = believed_time(his.modified_at, link.unbelieved_at, his);
    return plan_of(rules, link.external_id, link.baselines, his, reconcile::FieldSet(),
                   completed(seen, link.baselines.medicapp));
}

/// Whether the HIS's record is needed: to write a value again, or to see whether Medicapp's patient
/// still is who it describes.
bool calls_for_record(const Rules& rules, const state::Link& link,
                      const reconcile::SideView& seen) {
    return reassertion(rules, link, seen).writes() || moves_identity(link.baselines.medicapp, seen);
}

/// Whether the patient is held because Medicapp, or what stands before it, did not take what the
/// HIS had changed, which is tried again as it is. If what a user changed meanwhile were agreed,
/// the HIS's change would pass for the only one.
bool was_refused(const state::Held& held) {
    return held.reason == reconcile::HoldReason::rejected ||
           held.reason == reconcile::HoldReason::refused_by_server;
}

/// Whether a change in Medicapp is judged with the HIS's record at once: with what was refused,
/// unless an operator left it; or as somebody may have made Medicapp's patient the person whom the
/// record describes.
bool is_judged_with(const state::Held& held) {
    return (was_refused(held) && !held.acknowledged) ||
           held.reason == reconcile::HoldReason::divergence;
}

/// What Medicapp shows is agreed.
Effects accept(state::Link link, const reconcile::SideView& seen) {
    const auto before = link.baselines.medicapp;
    link.baselines.medicapp = completed(seen, before);
    const auto fields = differing(before.fields, link.baselines.medicapp.fields);
    auto effects = report_drift(link, fields, medicapps_value_kept);
    effects.changes.put_link(std::move(link));
    return effects;
}

Effects record_erasure(const Rules& rules, Observations& observations, const state::Known& known) {
    const auto& link = *known.link;
    Effects effects;
    observations.settle_change(link.external_id);
    const bool held_as_merged =
        known.held && known.held->reason == reconcile::HoldReason::merged_in_his;
    if (held_as_merged || !known.redirect.empty()) {
        // What a user was to do about the retired patient is done. The tombstone stays, for the
        // case that the merge is undone.
        effects.changes = erasure(link.external_id, link.medicapp_id, arrived_about(known.held));
        if (known.held) effects.append(release(*known.held));
        return effects;
    }
    if (rules.settings.policy.on_erased == reconcile::OnErased::recreate) {
        effects.changes.drop_link(link.external_id);
        observations.want(link.external_id);
        return effects;
    }
    effects.changes = erasure(link.external_id, link.medicapp_id, arrived_about(known.held));
    state::Held held;
    held.key = link.external_id;
    held.source = link.source;
    held.reason = reconcile::HoldReason::erased_in_medicapp;
    held.medicapp_id = link.medicapp_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    effects.append(hold(std::move(held)));
    return effects;
}

} // namespace

void count_reassertions(const Rules& rules, const Observations& observations,
                        const std::vector<std::string>& ids, const std::vector<state::Known>& known,
                        ChangeCounter& changes) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!known[i].link || known[i].held) continue;
        const auto plan = reassertion(rules, *known[i].link, *observations.change_of(ids[i]));
        if (plan.writes()) changes.note(Change::reassertion(ids[i], plan.write | plan.clear));
    }
}

Effects settle_drift(const Rules& rules, Memory& memory, Observations& observations,
                     const std::vector<std::string>& ids, const std::vector<state::Known>& known) {
    Effects effects;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto& view = *observations.change_of(ids[i]);
        const auto& link = known[i].link;
        const bool differs = link && calls_for_record(rules, *link, view);
        const bool is_wanted = link && known[i].held && is_judged_with(*known[i].held) &&
                               memory.note_look(ids[i], seen_digest(view, rules.digester));
        if ((differs && !known[i].held) || is_wanted) {
            observations.want(ids[i]);
            continue;
        }
        // Who is held otherwise waits for a change of the HIS's record, or for a full compare:
        // Medicapp would only refuse the same again in each cycle that sees the patient. And
        // whoever is to go on under another externalId is judged with the record that is there.
        const bool is_open =
            (known[i].held && was_refused(*known[i].held)) || !known[i].redirect.empty();
        if (link && !differs && !is_open)
            effects.append(accept(*link, view));
        else if (link && rules.request.accept_rewind.given())
            effects.append(take_restored_time(*link, view));
        observations.settle_change(ids[i]);
    }
    return effects;
}

Effects keep_shown(Observations& observations, const std::vector<std::string>& ids,
                   const std::vector<state::Known>& known) {
    Effects effects;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto* view = observations.change_of(ids[i]);
        if (!view) continue;
        if (known[i].link) effects.append(accept(*known[i].link, *view));
        observations.settle_change(ids[i]);
    }
    return effects;
}

void MissingPatients::note(const state::Link& link) {
    changes.note(Change::missing(link.external_id));
    if (changes.count() <= plausible) links.push_back(link);
}

Effects record_erasures(const Rules& rules, Observations& observations,
                        const std::vector<state::Known>& erased) {
    Effects effects;
    for (const auto& known : erased) {
        if (known.link) effects.append(record_erasure(rules, observations, known));
    }
    return effects;
}

} // namespace medibridge::sync
