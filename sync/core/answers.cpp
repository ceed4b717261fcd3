#include "sync/core/answers.hpp"

#include "sync/core/views.hpp"
#include "sync/core/write_request.hpp"

namespace medibridge::sync {

using connectors::MedicappPatient;
using reconcile::Field;
using reconcile::FieldSet;
using reconcile::SideView;

namespace {

/// A field that we did not send has changed: somebody edited it in Medicapp after we read it. It
/// must not count as agreed: without a modification time, the next poll compares the patient.
void keep_unseen_changes(const Item& item, const SideView& before, const FieldSet& left_out,
                         SideView& after) {
    const auto written = written_fields(item);
    const auto changed = differing(before.fields, after.fields);
    for (const auto field : reconcile::all_fields()) {
        const bool sent =
            (written.has(field) && !left_out.has(field)) || item.decision.plan.clear.has(field);
        if (sent || !changed.has(field)) continue;
        of(after.fields, field) = of(before.fields, field);
        after.modified_at.reset();
    }
}

/// Whether two or more of the identity's traits are neither as before nor as they were sent.
bool is_somebody_else(const Item& item, const SideView& before, const SideView& answered,
                      const FieldSet& left_out) {
    const auto sent = sent_fields(item) - left_out;
    int others = 0;
    for (const auto field : reconcile::all_fields()) {
        const auto& now = of(answered.fields, field);
        const auto& was = of(before.fields, field);
        if (!reconcile::strict_traits().has(field) || is_unknown(now) || is_unknown(was)) continue;
        const bool as_sent = sent.has(field) && now == of(item.his.fields, field);
        if (now != was && !as_sent) ++others;
    }
    return others > 1;
}

} // namespace

bool carries_another(const Item& item, const MedicappPatient& answer) {
    const auto& carried = answer.patient.external_id();
    return !answer.external_id_unreadable && !carried.empty() && carried != item.external_id();
}

std::optional<SideView> after_write(const Rules& rules, const Item& item,
                                    const MedicappPatient& answer, const FieldSet& left_out) {
    if (carries_another(item, answer)) return std::nullopt;
    auto expected = before_write(rules, item);
    const auto sent = sent_fields(item);
    for (const auto field : reconcile::all_fields()) {
        if (sent.has(field) && !left_out.has(field)) {
            of(expected.fields, field) = of(item.his.fields, field);
        }
    }
    expected.modified_at = answer.modified_at;
    if (!answer.patient[Field::last_name].is_known()) return expected;
    auto answered = completed(medicapp_view(answer, item.record.patient, item.his.fields,
                                            rules.digester, rules.settings.identity),
                              expected);
    const auto before = before_write(rules, item);
    if (is_somebody_else(item, before, answered, left_out)) return std::nullopt;
    keep_unseen_changes(item, before, left_out, answered);
    return answered;
}

FieldSet not_taken(const Rules& rules, const Item& item, const SideView& after,
                   const FieldSet& left_out) {
    FieldSet fields;
    const auto before = before_write(rules, item);
    for (const auto field : reconcile::all_fields()) {
        if (!item.decision.plan.write.has(field) || left_out.has(field)) continue;
        const auto& now = of(after.fields, field);
        if (now == of(before.fields, field) && now != of(item.his.fields, field)) fields.add(field);
    }
    return fields;
}

FieldSet still_there(const Item& item, const SideView& after, const FieldSet& left_out) {
    FieldSet fields;
    for (const auto field : reconcile::all_fields()) {
        const bool emptied = item.decision.plan.clear.has(field) && !left_out.has(field);
        if (emptied && of(after.fields, field) != of(item.his.fields, field)) fields.add(field);
    }
    return fields;
}

bool has_what_was_sent(const Rules& rules, const Item& item, const MedicappPatient& detail,
                       const FieldSet& left_out) {
    if (item.decision.write_external_id && detail.patient.external_id() != item.external_id()) {
        return false;
    }
    const auto now =
        medicapp_view(detail, item.external_id(), rules.digester, rules.settings.identity);
    const auto sent = sent_fields(item) - left_out;
    for (const auto field : reconcile::all_fields()) {
        if (sent.has(field) && of(now.fields, field) != of(item.his.fields, field)) return false;
    }
    return true;
}

} // namespace medibridge::sync
