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
    std::size_t apart = 0;
    std::size_t at_edges = 0;
    std::size_t within = 0;
    for (const auto& [identifier, places] : places_) {
        bool is_apart = false;
        bool is_at_edge = false;
        bool is_within = false;
        for (auto a = places.begin(); a != places.end(); ++a) {
            for (auto b = std::next(a); b != places.end(); ++b) {
                if (a->record != b->record) continue;
                const bool near = b->position == a->position + 1;
                is_within = is_within || a->page == b->page;
                is_at_edge = is_at_edge || (a->page != b->page && near);
                is_apart = is_apart || (a->page != b->page && !near);
            }
        }
        apart += is_apart ? 1 : 0;
        at_edges += is_at_edge && !is_apart ? 1 : 0;
        within += is_within && !is_apart ? 1 : 0;
    }
    return apart + (at_edges > within ? at_edges : 0);
}

} // namespace medibridge::connectors
