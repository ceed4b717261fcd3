#include "rig.hpp"

#include "sync/core/judgement.hpp"
#include "sync/core/views.hpp"

#include <array>
#include <memory>
#include <utility>

namespace medibridge::tests {

using reconcile::Assessed;
using reconcile::Field;
using reconcile::FieldValue;
using sync::Item;

namespace {

constexpr std::array<std::uint8_t, reconcile::Digester::key_size> key{};

reconcile::Patient person(const std::string& phone) {
    reconcile::Patient patient("P1");
    patient[Field::last_name] = FieldValue::known("MARTIN");
    patient[Field::first_name] = FieldValue::known("Anne");
    patient[Field::birth_date] = FieldValue::known("1980-02-03");
    patient[Field::phone] = FieldValue::known(phone);
    return patient;
}

} // namespace

Rig::Rig() : digester(key) {}

Assessed Rig::record(const std::string& phone) {
    Assessed record;
    record.patient = person(phone);
    record.modified_at = reconcile::Instant(std::chrono::hours(1));
    return record;
}

connectors::MedicappPatient Rig::patient(const std::string& phone) {
    connectors::MedicappPatient patient;
    patient.id = "m1";
    patient.patient = person(phone);
    patient.modified_at = reconcile::Instant(std::chrono::hours(2));
    patient.shown = reconcile::every_field();
    return patient;
}

Item Rig::stranger(Assessed record) {
    return item_of(rules, "his", std::move(record), {});
}

Item Rig::linked(Assessed record) {
    state::Link link;
    link.external_id = "P1";
    link.medicapp_id = "m1";
    link.source = "his";
    link.baselines.his = sync::his_view(Rig::record(), digester);
    link.baselines.medicapp = sync::medicapp_view(patient(), "P1", digester, settings.identity);
    state::Known known;
    known.link = std::make_shared<const state::Link>(std::move(link));
    return item_of(rules, "his", std::move(record), std::move(known));
}

Item Rig::listed(Assessed record) {
    auto item = stranger(std::move(record));
    item.known.unlinked = state::Unlinked{"m1", "P1", {}, {}};
    return item;
}

Item Rig::held(Item item, reconcile::HoldReason reason) {
    state::Held held;
    held.key = "P1";
    held.source = "his";
    held.reason = reason;
    held.record = sync::record_digest(item.record, digester);
    item.known.held = held;
    return item;
}

} // namespace medibridge::tests
