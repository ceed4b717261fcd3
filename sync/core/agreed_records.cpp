#include "sync/core/agreed_records.hpp"

#include "sync/core/views.hpp"

#include <array>
#include <sodium.h>
#include <tuple>

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

static_assert(std::tuple_size_v<reconcile::Digest> == crypto_shorthash_KEYBYTES);

/// Stands for everything that a record says, its time included: 64 bits (SipHash-2-4), of which
/// IdSet keeps 56. It outlives neither reading, so no digest is needed, which takes
/// several times as long.
std::string mark_of(const reconcile::Assessed& record, const reconcile::Digest& key) {
    auto text = record_text(record);
    if (record.modified_at) text += std::to_string(record.modified_at->time_since_epoch().count());
    std::array<unsigned char, crypto_shorthash_BYTES> mark{};
    crypto_shorthash(mark.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                     key.data());
    return {mark.begin(), mark.end()};
}

} // namespace

void AgreedRecords::note(const Rules& rules, const Observations& observations, const Item& item) {
    const bool agreed = item.decision.kind == Decision::Kind::nothing &&
                        is_only_linked(item.known) && !item.record.unbelieved_at &&
                        !item.remapped && !item.unconfirmed;
    if (!agreed || rules.several_sources() || records_.size() >= limits::agreed_records ||
        is_asked_for(observations, item.external_id()))
        return;
    if (!key_) key_ = rules.digester.text("marks of agreed records", {});
    records_.insert(mark_of(item.record, *key_));
}

std::int64_t AgreedRecords::take_out(const Observations& observations,
                                     const std::unordered_set<std::string>& repeated,
                                     std::vector<reconcile::Assessed>& records) const {
    if (!key_) return 0;
    return static_cast<std::int64_t>(std::erase_if(records, [&](const reconcile::Assessed& record) {
        const auto& id = record.patient.external_id();
        return !record.unbelieved_at && !repeated.contains(id) && !excepted_.contains(id) &&
               !is_asked_for(observations, id) && records_.contains(mark_of(record, *key_));
    }));
}

} // namespace medibridge::sync
