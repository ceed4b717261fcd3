#include "sync/core/returned.hpp"

#include "sync/core/order.hpp"
#include "sync/core/recording.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::sync {

using connectors::MedicappPatient;
using reconcile::HoldReason;

namespace {

constexpr const char* in_medicapp_again = "is in Medicapp again";

/// Whether an operator had them created or linked again, and that is under way.
bool is_brought_back(const state::Known& known) {
    const auto& decision = known.decision;
    return known.intent || (decision && (decision->kind == DecisionKind::create ||
                                         decision->kind == DecisionKind::link));
}

bool is_held_as(const state::Known& known, const std::string& medicapp_id) {
    return known.held && says_returned(*known.held) && known.held->medicapp_id == medicapp_id;
}

/// Whether the patient is the erased one, or has, as far as can be read, their externalId.
bool is_still_them(const state::Tombstone& erased, const MedicappPatient& patient) {
    return patient.id == erased.medicapp_id || patient.external_id_unreadable ||
           patient.patient.external_id() == erased.external_id;
}

} // namespace

bool says_returned(const state::Held& held) {
    return held.reason == HoldReason::erased_in_medicapp && held.detail == in_medicapp_again;
}

bool says_returned(const Decision& decision) {
    return decision.kind == Decision::Kind::hold &&
           decision.hold_reason == HoldReason::erased_in_medicapp &&
           decision.detail == in_medicapp_again;
}

std::string returned_as(const state::Known& known) {
    if (!known.tombstone || known.link || known.intent) return {};
    if (known.unlinked) return known.unlinked->medicapp_id;
    return known.held && says_returned(*known.held) ? known.held->medicapp_id : std::string();
}

std::vector<Returned> find_returned(const connectors::MedicappPage& page,
                                    const std::vector<std::optional<state::Link>>& links,
                                    const std::vector<state::Known>& known,
                                    const std::vector<state::Tombstone>& tombstones) {
    std::vector<Returned> found;
    for (std::size_t i = 0; i < page.patients.size(); ++i) {
        const auto& patient = page.patients[i];
        if (links[i]) continue;
        const auto by_id =
            std::ranges::find(tombstones, patient.id, &state::Tombstone::medicapp_id);
        const bool is_erased_one = by_id != tombstones.end();
        const auto& carried = patient.patient.external_id();
        const bool has_key = !patient.external_id_unreadable && !carried.empty();
        if (!is_erased_one && !(has_key && known[i].tombstone)) continue;
        if (has_key && (is_held_as(known[i], patient.id) || is_brought_back(known[i]))) continue;
        found.push_back({has_key ? carried : by_id->external_id, patient.id});
    }
    return found;
}

Effects hold_returned(const Rules& rules, const Returned& patient, const state::Known& known) {
    Effects effects;
    if (known.link || is_held_as(known, patient.medicapp_id) || is_brought_back(known))
        return effects;
    // They carry another externalId now: that one is theirs, too.
    if (!known.tombstone) effects.changes.put_tombstone({patient.external_id, patient.medicapp_id});
    state::Held held;
    held.key = patient.external_id;
    if (known.held) {
        held.source = known.held->source;
        held.record = known.held->record;
    }
    held.reason = HoldReason::erased_in_medicapp;
    held.detail = in_medicapp_again;
    held.medicapp_id = patient.medicapp_id;
    held.held_at_ms = rules.request.wall_clock_ms;
    effects.append(hold(std::move(held)));
    return effects;
}

Effects end_return(const state::Held& held) {
    auto effects = release(held);
    effects.changes.drop_unlinked(held.medicapp_id);
    return effects;
}

Decision decide_returned(const state::Known& known, const MedicappPatient* looked_at) {
    if (looked_at && is_still_them(*known.tombstone, *looked_at))
        return Decision::hold_for(HoldReason::erased_in_medicapp, {}, in_medicapp_again,
                                  looked_at->id);
    return Decision::hold_for(HoldReason::erased_in_medicapp, {}, {}, known.tombstone->medicapp_id);
}

} // namespace medibridge::sync
