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
        const auto some = [&places](auto&& is_so) {
            for (auto a = places.begin(); a != places.end(); ++a)
                for (auto b = std::next(a); b != places.end(); ++b)
                    if (a->record == b->record && is_so(*a, *b)) return true;
            return false;
        };
        const auto are_near = [](const Place& a, const Place& b) {
            return b.position == a.position + 1;
        };
        if (some([&](const Place& a, const Place& b) {
                return a.page != b.page && !are_near(a, b);
            })) {
            ++apart;
            continue;
        }
        at_edges +=
            some([&](const Place& a, const Place& b) { return a.page != b.page && are_near(a, b); })
                ? 1
                : 0;
        within += some([&](const Place& a, const Place& b) { return a.page == b.page; }) ? 1 : 0;
    }
    return apart + (at_edges > within ? at_edges : 0);
}

} // namespace medibridge::connectors
