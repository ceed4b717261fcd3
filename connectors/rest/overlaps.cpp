#include "connectors/rest/overlaps.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace medibridge::connectors {
namespace {

/// Of one patient more places need not be kept.
constexpr std::size_t most_places = 16;

std::uint64_t hash_of(const reconcile::SourceRecord& record) {
    std::string text;
    for (const auto field : reconcile::all_fields())
        text += record.patient[field].text() + '\n';
    text += record.usual_last_name + '\n' + record.merged_into + '\n' + record.identity_status;
    if (record.modified_at)
        text += '\n' + std::to_string(record.modified_at->time_since_epoch().count());
    return base::text_hash(text);
}

} // namespace

Overlaps::Overlaps(const std::vector<std::uint64_t>& repeated) {
    for (const auto identifier : repeated)
        places_.emplace(identifier, std::vector<Place>());
}

void Overlaps::note(const reconcile::SourceRecord& record, std::int64_t page) {
    ++position_;
    if (places_.empty()) return;
    const auto watched = places_.find(base::text_hash(record.patient.external_id()));
    if (watched == places_.end() || watched->second.size() == most_places) return;
    watched->second.push_back({hash_of(record), page, position_});
}

std::size_t Overlaps::count() const {
    return static_cast<std::size_t>(std::ranges::count_if(places_, [](const auto& one) {
        const auto& places = one.second;
        for (auto a = places.begin(); a != places.end(); ++a)
            for (auto b = std::next(a); b != places.end(); ++b)
                if (a->record == b->record && a->page != b->page && b->position > a->position + 1)
                    return true;
        return false;
    }));
}

} // namespace medibridge::connectors
