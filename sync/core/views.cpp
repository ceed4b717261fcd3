#include "sync/core/views.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace medibridge::sync {

using reconcile::Digest;
using reconcile::Digester;
using reconcile::Field;
using reconcile::FieldDigest;
using reconcile::FieldDigests;
using reconcile::FieldSet;
using reconcile::FieldValue;
using reconcile::Patient;
using reconcile::SideView;

bool is_unknown(const FieldDigest& digest) {
    return digest == FieldDigest{};
}

const FieldDigest& of(const FieldDigests& digests, Field field) {
    return digests[static_cast<std::size_t>(field)];
}

FieldDigest& of(FieldDigests& digests, Field field) {
    return digests[static_cast<std::size_t>(field)];
}

SideView his_view(const reconcile::Assessed& record, const Digester& digester) {
    return {digester.fields(record.patient), record.modified_at};
}

std::optional<reconcile::Instant> believed_time(const std::optional<reconcile::Instant>& believed,
                                                const std::optional<reconcile::Instant>& unbelieved,
                                                const SideView& before) {
    if (believed || !unbelieved) return believed;
    return before.modified_at ? before.modified_at : reconcile::Instant::min();
}

bool drop_unbelieved_times(connectors::MedicappPatient& patient, const reconcile::Clocks& clocks) {
    const auto clock = std::max(clocks.machine, clocks.server);
    bool any = false;
    for (auto* time : {&patient.created_at, &patient.modified_at}) {
        if (!*time || reconcile::is_believable(**time, clock)) continue;
        time->reset();
        any = true;
    }
    return any;
}

FieldSet cleared_fields(const reconcile::Assessed& record) {
    FieldSet cleared;
    for (const auto field : reconcile::all_fields()) {
        if (record.patient[field].state() == FieldValue::State::cleared) cleared.add(field);
    }
    return cleared;
}

namespace {

/// A field as Medicapp shows it, in the form that is compared.
FieldValue canonical_value(const connectors::MedicappPatient& seen, Field field,
                           const reconcile::IdentityPolicy& policy) {
    if (!seen.shown.has(field)) return {};
    const auto& value = seen.patient[field];
    // What cannot be read is not seen: it is not empty.
    if (value.state() == FieldValue::State::unreadable) return {};
    if (!value.is_known() || value.text().empty()) return FieldValue::cleared();
    return FieldValue::known(canonical(field, value.text(), policy));
}

} // namespace

SideView medicapp_view(const connectors::MedicappPatient& seen, const std::string& external_id,
                       const Digester& digester, const reconcile::IdentityPolicy& policy) {
    Patient patient(external_id);
    for (const auto field : reconcile::all_fields()) {
        patient[field] = canonical_value(seen, field, policy);
    }
    return {digester.fields(patient), seen.modified_at};
}

SideView medicapp_view(const connectors::MedicappPatient& answer, const Patient& sent,
                       const FieldDigests& sent_digests, const Digester& digester,
                       const reconcile::IdentityPolicy& policy) {
    Patient others(sent.external_id());
    FieldDigests same{};
    for (const auto field : reconcile::all_fields()) {
        const auto& value = answer.patient[field];
        if (value.is_known() && value == sent[field]) {
            of(same, field) = of(sent_digests, field);
        } else {
            others[field] = canonical_value(answer, field, policy);
        }
    }
    return completed({digester.fields(others), answer.modified_at}, {same, std::nullopt});
}

SideView completed(SideView seen, const SideView& before) {
    for (const auto field : reconcile::all_fields()) {
        if (is_unknown(of(seen.fields, field))) of(seen.fields, field) = of(before.fields, field);
    }
    return seen;
}

SideView merged_baseline(const SideView& before, const SideView& now) {
    auto merged = completed(now, before);
    if (!merged.modified_at) merged.modified_at = before.modified_at;
    return merged;
}

FieldSet differing(const FieldDigests& a, const FieldDigests& b) {
    FieldSet fields;
    for (const auto field : reconcile::all_fields()) {
        const auto& left = of(a, field);
        const auto& right = of(b, field);
        if (!is_unknown(left) && !is_unknown(right) && left != right) fields.add(field);
    }
    return fields;
}

bool moves_identity(const SideView& before, const SideView& now) {
    return !(differing(before.fields, now.fields) & reconcile::strict_traits()).empty();
}

std::string record_text(const reconcile::Assessed& record) {
    // The unit separator cannot stand in a normalised value; an unreadable one is a fixed reason.
    constexpr char separator = '\x1f';
    constexpr std::size_t usual_size = 256;
    std::string text;
    text.reserve(usual_size);
    text += record.patient.external_id();
    for (const auto field : reconcile::all_fields()) {
        const auto& value = record.patient[field];
        text += separator;
        text += static_cast<char>('0' + static_cast<int>(value.state()));
        text += value.text();
    }
    text += separator;
    text += record.other_last_name;
    text += separator;
    text += record.merged_into;
    text += separator;
    if (record.renamed) text += "renamed";
    const auto& hold = record.hold;
    if (hold && hold->reason == reconcile::HoldReason::ambiguous_source) {
        // It is the record itself beside another one, and is not changed by that. Where the source
        // itself says so, it says later that it is ambiguous no more, with the same values.
        if (!hold->defect.reason.empty()) text += name(hold->reason);
    } else if (hold) {
        text += name(hold->reason);
        text += separator + hold->defect.field + separator + hold->defect.reason;
    }
    return text;
}

Digest record_digest(const reconcile::Assessed& record, const Digester& digester) {
    return digester.text("record", record_text(record));
}

Digest taken_digest(const reconcile::Assessed& record, const std::string& medicapp_id,
                    const Digester& digester) {
    auto anyone = record;
    anyone.patient.set_external_id({});
    return digester.text("record taken",
                         medicapp_id + '\n' + reconcile::hex(record_digest(anyone, digester)));
}

Digest divergence_digest(const reconcile::Assessed& record, const SideView& medicapp,
                         const Digester& digester) {
    auto text = reconcile::hex(record_digest(record, digester));
    for (const auto field : reconcile::all_fields())
        text += ' ' + reconcile::hex(of(medicapp.fields, field));
    return digester.text("divergence", text);
}

Digest told_apart_digest(const Digest& record, const std::string& medicapp_id,
                         const Digester& digester) {
    return digester.text("told apart", medicapp_id + '\n' + reconcile::hex(record));
}

std::string state_key(const reconcile::Assessed& record, const Digester& digester) {
    if (!record.name_in_source().empty()) return record.name_in_source();
    // Records that say nothing at all are told apart by where they stand.
    if (record.patient.known().empty() && !record.place.empty())
        return reconcile::nameless_key(digester.text("record place", record.place));
    return reconcile::nameless_key(record_digest(record, digester));
}

bool is_nameless(const std::string& key) {
    return reconcile::is_nameless_key(key);
}

} // namespace medibridge::sync
