#include "sync/core/shown_patients.hpp"

#include "reconcile/identity.hpp"
#include "sync/core/recording.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace medibridge::sync {

using reconcile::Assessed;
using reconcile::IdentityTraits;

namespace {

bool is_in_use(const Assessed& record) {
    if (!record.merged_into.empty()) return false;
    if (!record.hold) return true;
    return record.hold->reason != reconcile::HoldReason::inactive_in_his &&
           record.hold->reason != reconcile::HoldReason::deleted_in_his;
}

/// Whether the hold is about a record that stands against another one, and is gone with it.
bool is_contradiction(reconcile::HoldReason reason) {
    return reason == reconcile::HoldReason::divergence ||
           reason == reconcile::HoldReason::ambiguous_source;
}

/// As far as both times prove it.
bool is_older(const Assessed& record, const Assessed& kept) {
    const auto latest = record.modified_by ? record.modified_by : record.modified_at;
    return latest && kept.modified_at && *latest < *kept.modified_at;
}

/// No, perhaps: two externalIds may look alike to it.
bool each_is_another(const std::vector<Assessed>& records) {
    base::IdSet ids;
    return std::ranges::all_of(records, [&ids](const Assessed& record) {
        const auto& id = record.patient.external_id();
        return id.empty() || ids.insert(id);
    });
}

} // namespace

void ShownPatients::note(const Assessed& record) {
    const auto& id = record.patient.external_id();
    const bool used = is_in_use(record);
    const bool seen = !seen_.insert(id);
    const bool retired = retired_.contains(id);
    if (seen && used == retired) doubles_.insert(id);
    if (!used) retired_.insert(id);
    if (!used || !remembers_times_ || !record.arrived || !record.modified_at) return;
    const bool is_first = !times_.contains(id);
    auto& newest = times_[id];
    const auto at = record.modified_by.value_or(*record.modified_at);
    newest = is_first ? at : std::max(newest, at);
}

bool ShownPatients::stands_against(const Assessed& merge) const {
    const auto& id = merge.patient.external_id();
    if (!in_use(id)) return false;
    const auto time = arrived_at(id);
    return !time || !merge.modified_at || *time >= *merge.modified_at;
}

std::optional<reconcile::Instant> ShownPatients::arrived_at(const std::string& external_id) const {
    const auto* const time = times_.find(external_id);
    return time != nullptr ? std::optional(*time) : std::nullopt;
}

void VanishedRecords::note(const std::vector<Assessed>& records,
                           const reconcile::Digester& digester) {
    for (const auto& record : records) {
        const auto& id = record.patient.external_id();
        if (id.empty()) keys_.insert(state_key(record, digester));
        if (!id.empty() && !record.merged_into.empty()) keys_.insert(id);
    }
}

Effects VanishedRecords::release(const Rules& rules, const std::string& source,
                                 const ShownPatients& shown,
                                 const std::vector<state::Held>& held) const {
    Effects effects;
    for (const auto& one : held) {
        if (one.source != source) continue;
        if (is_nameless(one.key)) {
            if (!keys_.contains(one.key)) effects.append(sync::release(one));
        } else if (is_contradiction(one.reason) && !shown.contains(one.key) &&
                   !keys_.contains(one.key)) {
            effects.append(sync::release(one));
            // Others were not heard meanwhile.
            if (rules.several_sources()) effects.released.push_back({one.key, source});
        }
    }
    return effects;
}

void set_aside(std::vector<Assessed>& records, const std::unordered_set<std::string>& patients,
               std::vector<Assessed>& aside) {
    if (patients.empty()) return;
    std::erase_if(records, [&](Assessed& record) {
        const bool full = aside.size() >= limits::records_set_aside;
        if (full || !patients.contains(record.patient.external_id())) return false;
        aside.push_back(std::move(record));
        return true;
    });
}

bool same_person(const Assessed& a, const Assessed& b) {
    // Whose name is not known may be anybody.
    const auto has_traits = [](const Assessed& record) {
        return record.placeholders.empty() &&
               record.patient[reconcile::Field::last_name].is_known() &&
               record.patient[reconcile::Field::first_name].is_known() &&
               record.patient[reconcile::Field::birth_date].is_known();
    };
    if (!has_traits(a) || !has_traits(b)) return true;
    return agree(IdentityTraits(a.patient, a.other_last_name),
                 IdentityTraits(b.patient, b.other_last_name));
}

reconcile::SelfHold describes_two(const Assessed& a, const Assessed& b) {
    const auto differs = contradicting_traits(IdentityTraits(a.patient, a.other_last_name),
                                              IdentityTraits(b.patient, b.other_last_name));
    return {reconcile::HoldReason::ambiguous_source, {names(differs), {}}};
}

std::vector<Assessed> merge_duplicates(std::vector<Assessed> records) {
    if (each_is_another(records)) return records; // as they nearly always are
    std::vector<Assessed> merged;
    merged.reserve(records.size());
    std::unordered_map<std::string, std::size_t> places;
    for (auto& record : records) {
        const auto& id = record.patient.external_id();
        if (id.empty()) {
            merged.push_back(std::move(record));
            continue;
        }
        const auto [place, is_new] = places.emplace(id, merged.size());
        if (is_new) {
            merged.push_back(std::move(record));
            continue;
        }
        auto& kept = merged[place->second];
        const bool same = same_person(kept, record);
        const bool older = is_older(record, kept);
        // A closed duplicate of a record in use does not count.
        if (is_in_use(kept) != is_in_use(record)) {
            if (is_in_use(record)) kept = std::move(record);
            continue;
        }
        std::optional<reconcile::SelfHold> ambiguous;
        if (kept.hold && kept.hold->reason == reconcile::HoldReason::ambiguous_source)
            ambiguous = kept.hold;
        else if (!same)
            ambiguous = describes_two(kept, record);
        if (!older) kept = std::move(record);
        if (ambiguous) kept.hold = std::move(ambiguous);
    }
    return merged;
}

} // namespace medibridge::sync
