#include "sync/core/shown_patients.hpp"

#include "reconcile/identity.hpp"

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

} // namespace

void ShownPatients::note(const Assessed& record) {
    const auto& id = record.patient.external_id();
    const bool used = is_in_use(record);
    const bool seen = !seen_.insert(id);
    const bool retired = retired_.contains(id);
    if (seen && used == retired) doubles_.insert(id);
    if (!used) retired_.insert(id);
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

std::vector<Assessed> merge_duplicates(std::vector<Assessed> records) {
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
        const bool older =
            record.modified_at && kept.modified_at && *record.modified_at < *kept.modified_at;
        // A closed double of somebody who is in use says nothing of them.
        if (is_in_use(kept) != is_in_use(record)) {
            if (is_in_use(record)) kept = std::move(record);
            continue;
        }
        const bool ambiguous =
            !same || (kept.hold && kept.hold->reason == reconcile::HoldReason::ambiguous_source);
        if (!older) kept = std::move(record);
        if (ambiguous) {
            kept.hold = reconcile::SelfHold{reconcile::HoldReason::ambiguous_source, {}};
        }
    }
    return merged;
}

} // namespace medibridge::sync
