#include "state/sqlite/row_reading.hpp"

#include "state/sqlite/packing.hpp"
#include "state/store.hpp"

#include <algorithm>

namespace medibridge::state {
namespace {

[[noreturn]] void damaged(const std::string& table) {
    throw StoreError(StoreError::Kind::damaged,
                     "the state's table " + table +
                         " holds what no version wrote: restore a backup of the state, or move "
                         "it away and let a full run rebuild it");
}

} // namespace

Digest read_digest(std::span<const std::uint8_t> bytes, const char* table) {
    Digest digest{};
    if (bytes.size() != digest.size()) damaged(table);
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

void read_link(const Use& row, Link& link) {
    link.external_id = row.id(0);
    link.medicapp_id = row.id(1);
    link.source = row.text(2);
    if (!unpack(row.blob(3), link.baselines.his.fields, link.baselines.medicapp.fields))
        damaged("link");
    link.baselines.his.modified_at = row.instant(4);
    link.baselines.medicapp.modified_at = row.instant(5);
    link.contact_source = row.text(6);
    if (!unpack(row.blob(7), link.drift)) damaged("link");
    link.unbelieved_at = row.instant(8);
}

Intent read_intent(const Use& row) {
    Intent intent;
    intent.external_id = row.text(0);
    const std::string kind = row.text(1);
    if (kind != "create" && kind != "update") damaged("intent");
    intent.kind = kind == "create" ? Intent::Kind::create : Intent::Kind::update;
    intent.medicapp_id = row.text(2);
    if (!unpack(row.blob(3), intent.sent)) damaged("intent");
    return intent;
}

reconcile::HoldReason read_reason(const std::string& text) {
    if (const auto reason = reconcile::hold_reason_named(text)) return *reason;
    throw StoreError(StoreError::Kind::too_new,
                     "the state holds a patient for a reason that this version does not know, '" +
                         text + "': run the version that wrote it");
}

Held read_held(const Use& row) {
    Held held;
    held.key = row.text(0);
    held.source = row.text(1);
    held.reason = read_reason(row.text(2));
    held.field = row.text(3);
    held.detail = row.text(4);
    held.medicapp_id = row.text(5);
    held.request_id = row.text(6);
    held.record = read_digest(row.blob(7), "held");
    held.attempts = row.number(8);
    held.held_at_ms = row.number(9);
    held.acknowledged = row.number(10) != 0;
    held.looked_at_ms = row.number(11);
    return held;
}

OperatorDecision read_decision(const Use& row) {
    OperatorDecision decision;
    decision.external_id = row.text(0);
    const auto kind = decision_named(row.text(1));
    if (!kind) damaged("decision");
    decision.kind = *kind;
    decision.medicapp_id = row.text(2);
    decision.record = read_digest(row.blob(3), "decision");
    decision.medicapp = read_digest(row.blob(4), "decision");
    decision.reason = row.text(5);
    decision.actor = {row.text(6), row.number(7)};
    decision.at_ms = row.number(8);
    return decision;
}

reconcile::Precision read_precision(const std::string& text) {
    if (text == "seconds") return reconcile::Precision::seconds;
    if (text == "milliseconds") return reconcile::Precision::milliseconds;
    damaged("watermark");
}

} // namespace medibridge::state
