#include "sync/core/yielding.hpp"

#include "sync/core/decision_table.hpp"
#include "sync/core/views.hpp"

namespace medibridge::sync {

namespace {

/// Whether the record was taken of its source before, and nothing else since.
bool is_taken(const Rules& rules, const Item& item) {
    const auto before = item.known.taken.find(item.source);
    return before != item.known.taken.end() &&
           before->second ==
               taken_digest(item.record, item.known.link->medicapp_id, rules.digester);
}

/// Leaves out the fields of the linked patient's record in which it contradicts what was taken,
/// unless it describes another person: then it is the question who is described.
void leave_out(const Rules& rules, Item& item, const reconcile::FieldSet& contradicts) {
    if (contradicts.empty()) return;
    if ((contradicts & reconcile::strict_traits()).size() >= reconcile::traits_of_another) return;
    item.yields = true;
    for (const auto field : reconcile::all_fields())
        if (contradicts.has(field)) item.record.patient[field] = reconcile::FieldValue();
    item.his = his_view(item.record, rules.digester);
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
    if (!dated && !is_taken(rules, item)) return;
    leave_out(rules, item, differing(item.his.fields, theirs.fields));
}

void yield_to_newer(const Rules& rules, Item& item, const reconcile::FieldSet& stated) {
    if (stated.empty() || !is_older_than_taken(rules, item)) return;
    leave_out(rules, item,
              differing(item.his.fields, item.known.link->baselines.his.fields) & stated);
}

} // namespace medibridge::sync
