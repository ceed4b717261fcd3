#include "sync/core/yielding.hpp"

#include "sync/core/decision_table.hpp"
#include "sync/core/views.hpp"

namespace medibridge::sync {

namespace {

/// All that the record of the item's source says.
reconcile::Digest word_of(const Rules& rules, const Item& item, const std::string& medicapp_id) {
    return item.yields ? *item.yields : taken_digest(item.record, medicapp_id, rules.digester);
}

/// Whether the record says something else than its source did before; nothing: that is not known.
std::optional<bool> is_news(const Rules& rules, const Item& item) {
    const auto before = item.known.taken.find(item.source);
    if (before == item.known.taken.end()) return std::nullopt;
    return before->second != word_of(rules, item, item.known.link->medicapp_id);
}

/// Leaves out the fields of the linked patient's record in which it contradicts what was taken,
/// unless it describes another person: then it is the question who is described.
void leave_out(const Rules& rules, Item& item, const reconcile::FieldSet& contradicts) {
    if (contradicts.empty()) return;
    if ((contradicts & reconcile::strict_traits()).size() >= reconcile::traits_of_another) return;
    item.yields = word_of(rules, item, item.known.link->medicapp_id);
    for (const auto field : reconcile::all_fields())
        if (contradicts.has(field)) item.record.patient[field] = reconcile::FieldValue();
    item.his = his_view(item.record, rules.digester);
}

/// Whether the source's last word is known, which must not become an old one.
bool was_remembered(const Item& item) {
    return item.known.taken.contains(item.source);
}

/// Whether the record's time proves that it is older than another source's, or newer.
bool proves_order(const Item& item) {
    const auto& link = item.known.link;
    return item.record.names_moment() && (!link || link->baselines.his.modified_at);
}

state::Batch remember(const Rules& rules, const Item& item, const std::string& medicapp_id) {
    const auto word = word_of(rules, item, medicapp_id);
    const auto known = item.known.taken.find(item.source);
    state::Batch batch;
    if (known == item.known.taken.end() || known->second != word)
        batch.put_taken({item.external_id(), item.source, word});
    return batch;
}

} // namespace

void yield_to_giver(const Rules& rules, Item& item) {
    const auto& link = item.known.link;
    const bool alone =
        !link || link->source == item.source || !rules.source_names.contains(link->source);
    if (alone || item.known.held || item.known.decision) return;
    const auto& theirs = link->baselines.his;
    const bool dated = item.record.modified_at && theirs.modified_at;
    if (dated && item.record.modified_at != theirs.modified_at) return;
    if (is_news(rules, item).value_or(!dated)) return;
    leave_out(rules, item, differing(item.his.fields, theirs.fields));
}

void yield_to_newer(const Rules& rules, Item& item, const reconcile::FieldSet& stated) {
    if (stated.empty() || !is_older_than_taken(rules, item)) return;
    leave_out(rules, item,
              differing(item.his.fields, item.known.link->baselines.his.fields) & stated);
}

state::Batch remember_taken(const Rules& rules, const Item& item, const std::string& medicapp_id) {
    const auto& before = item.known.link;
    if (!before && !rules.several_sources()) return {};
    if (before && before->source == item.source && item.known.taken.empty()) return {};
    if (proves_order(item) && !was_remembered(item)) return {};
    return remember(rules, item, medicapp_id);
}

state::Batch remember_shown(const Rules& rules, const Item& item) {
    const auto& link = item.known.link;
    const bool heard = link && !item.known.held && rules.several_sources();
    if (!heard || (item.record.names_moment() && !was_remembered(item))) return {};
    return remember(rules, item, link->medicapp_id);
}

} // namespace medibridge::sync
