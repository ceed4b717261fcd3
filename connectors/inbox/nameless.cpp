#include "connectors/inbox/nameless.hpp"

#include "base/bytes/hash.hpp"
#include "reconcile/identity.hpp"
#include "reconcile/normal_form.hpp"

#include <algorithm>

namespace medibridge::connectors {

using reconcile::Field;
using reconcile::IdentityTraits;
using reconcile::SourceRecord;

namespace {

/// Each record has a few.
constexpr std::size_t most_indexed = 20'000;

IdentityTraits traits_in(const SourceRecord& record) {
    return IdentityTraits(record.patient, record.usual_last_name);
}

std::vector<std::uint64_t> marks_of(const SourceRecord& record, const std::string& id) {
    std::vector<std::uint64_t> marks;
    if (!id.empty()) marks.push_back(base::text_hash("id " + id));
    for (const auto& key : reconcile::matching_keys(traits_in(record)))
        marks.push_back(base::text_hash("who " + key));
    return marks;
}

bool says_anything(const SourceRecord& record) {
    return !record.patient.known().empty();
}

} // namespace

bool names_patient(const SourceRecord& record) {
    const auto id = reconcile::normal_external_id(record.patient.external_id());
    return record.external_id_defect.empty() && id.ok() && !id.text.empty();
}

bool brings(const SourceRecord& record, const SourceRecord& nameless) {
    if (!nameless.claimed_id.empty() && !says_anything(nameless))
        return record.patient.external_id() == nameless.claimed_id;
    if (!reconcile::agree(traits_in(record), traits_in(nameless))) return false;
    return std::ranges::all_of(reconcile::all_fields(), [&](Field field) {
        const auto& value = nameless.patient[field];
        const bool compared = reconcile::strict_traits().has(field); // by agree()
        return compared || !value.is_known() || value == record.patient[field];
    });
}

void NamelessIndex::add(const std::string& key, const SourceRecord& record) {
    if (record.made_good) return;
    for (const auto mark : marks_of(record, record.claimed_id)) {
        const auto [begin, end] = keys_.equal_range(mark);
        const bool known =
            std::any_of(begin, end, [&key](const auto& entry) { return entry.second == key; });
        if (!known) keys_.emplace(mark, key);
    }
}

std::vector<std::string> NamelessIndex::candidates(const SourceRecord& record) const {
    std::vector<std::string> found;
    if (keys_.empty()) return found;
    for (const auto mark : marks_of(record, record.patient.external_id())) {
        const auto [begin, end] = keys_.equal_range(mark);
        for (auto entry = begin; entry != end; ++entry)
            if (std::ranges::find(found, entry->second) == found.end())
                found.push_back(entry->second);
    }
    return found;
}

bool NamelessIndex::is_full() const {
    return keys_.size() > most_indexed;
}

} // namespace medibridge::connectors
