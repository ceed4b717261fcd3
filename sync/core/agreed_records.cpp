#include "sync/core/agreed_records.hpp"

#include "sync/core/views.hpp"

namespace medibridge::sync {

namespace {

/// Nothing but the link is known of the patient.
bool is_only_linked(const state::Known& known) {
    return known.link && !known.held && !known.tombstone && !known.intent && !known.unlinked &&
           !known.refusal && !known.decision && known.redirect.empty() && known.altered.empty();
}

bool is_asked_for(const Observations& observations, const std::string& external_id) {
    return observations.is_wanted(external_id) || observations.change_of(external_id) != nullptr;
}

/// Everything that a record says, its time included.
std::string text_of(const reconcile::Assessed& record, const reconcile::Digester& digester) {
    const auto digest = record_digest(record, digester);
    std::string text(digest.begin(), digest.end());
    if (record.modified_at) text += std::to_string(record.modified_at->time_since_epoch().count());
    return text;
}

} // namespace

void AgreedRecords::note(const Rules& rules, const Observations& observations, const Item& item) {
    const bool agreed = item.decision.kind == Decision::Kind::nothing &&
                        is_only_linked(item.known) && !item.record.unbelieved_at &&
                        !item.remapped && !item.unconfirmed;
    if (!agreed || rules.several_sources() || records_.size() >= limits::agreed_records ||
        is_asked_for(observations, item.external_id()))
        return;
    records_.insert(text_of(item.record, rules.digester));
}

std::int64_t AgreedRecords::take_out(const Rules& rules, const Observations& observations,
                                     const std::unordered_set<std::string>& repeated,
                                     std::vector<reconcile::Assessed>& records) const {
    if (records_.size() == 0) return 0;
    return static_cast<std::int64_t>(std::erase_if(records, [&](const reconcile::Assessed& record) {
        const auto& id = record.patient.external_id();
        return !record.unbelieved_at && !repeated.contains(id) && !excepted_.contains(id) &&
               !is_asked_for(observations, id) &&
               records_.contains(text_of(record, rules.digester));
    }));
}

} // namespace medibridge::sync
