#include "control/patient_json.hpp"

#include "control/hold_words.hpp"
#include "sync/core/order.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace medibridge::control {

using reconcile::FieldSet;
using reconcile::Patient;

namespace {

constexpr std::string_view address_prefix = "address.";

FieldSet all() {
    FieldSet fields;
    for (const auto field : reconcile::all_fields())
        fields.add(field);
    return fields;
}

Json value_json(const reconcile::FieldValue& value) {
    return value.is_known() ? Json(value.text()) : Json();
}

/// What is sent to Medicapp if the decision is carried out.
Json would_send(const Patient& patient, const sync::Decision& outcome) {
    using Kind = sync::Decision::Kind;
    if (outcome.kind == Kind::create) return patient_json(patient);
    if (outcome.kind != Kind::update && outcome.kind != Kind::adopt) return Json::object();
    auto fields = patient_json(patient, outcome.plan.write);
    for (const auto field : reconcile::all_fields()) {
        if (outcome.plan.clear.has(field)) fields[std::string(name(field))] = Json();
    }
    if (outcome.write_external_id) fields["externalId"] = patient.external_id();
    return fields;
}

Json preview_json(const sync::Inquiry& inquiry, const sync::Preview& preview) {
    Json it;
    it["decision"] = std::string(state::name(preview.decision));
    it["medicapp_id"] = text_or_null(preview.medicapp_id);
    it["effect"] = effect_of(preview);
    const auto* record = inquiry.record();
    it["told"] = preview.untold.empty();
    it["would_send"] = record && preview.untold.empty()
                           ? would_send(record->patient, preview.outcome)
                           : Json::object();
    return it;
}

Json previews_json(const sync::Inquiry& inquiry) {
    Json list = Json::array();
    for (const auto& preview : inquiry.previews)
        list.push_back(preview_json(inquiry, preview));
    return list;
}

/// Decisions that fit the hold, and would not be carried out.
Json not_offered_json(const sync::Inquiry& inquiry) {
    Json list = Json::array();
    for (const auto& shown : inquiry.refused)
        list.push_back({{"decision", std::string(state::name(shown.decision))},
                        {"medicapp_id", text_or_null(shown.medicapp_id)},
                        {"reason", shown.refused}});
    return list;
}

Json instant_json(const std::optional<reconcile::Instant>& at) {
    if (!at) return nullptr;
    return time_json(std::chrono::floor<std::chrono::milliseconds>(at->time_since_epoch()).count());
}

/// Medicapp's record as a thing: its dates, and what hangs on it.
Json medicapp_record_json(const connectors::MedicappPatient& patient) {
    Json it;
    it["created_at"] = instant_json(patient.created_at);
    it["modified_at"] = instant_json(patient.modified_at);
    it["records"] = patient.records_count ? Json(*patient.records_count) : Json();
    return it;
}

/// Fields that the record is sent without, and why.
Json dropped_json(const sync::SourceSight& sight) {
    Json list = Json::array();
    if (!sight.record) return list;
    for (const auto& defect : sight.record->dropped)
        list.push_back({{"field", defect.field}, {"reason", defect.reason}});
    for (const auto field : reconcile::all_fields()) {
        if (!sight.unnamed.has(field)) continue;
        const auto& value = sight.record->patient[field];
        list.push_back({{"field", std::string(name(field))},
                        {"reason", value.text() + " is a placeholder (identity.placeholders): "
                                                  "not sent"}});
    }
    return list;
}

Json contradicting_json(const sync::SourceSight& sight) {
    Json list = Json::array();
    for (const auto& record : sight.contradicting)
        list.push_back(patient_json(record.patient));
    return list;
}

/// Whether the HIS uses the record, in one or a few words.
std::string state_of(const reconcile::Assessed& record) {
    if (!record.merged_into.empty())
        return (record.renamed ? "now under " : "merged into ") + record.merged_into;
    if (!record.hold) return "in use";
    return std::string(name(record.hold->reason));
}

Json candidate_json(const sync::Inquiry::Candidate& candidate) {
    Json it;
    it["medicapp_id"] = candidate.patient.id;
    it["patient"] = medicapp_json(candidate.patient);
    it["record"] = medicapp_record_json(candidate.patient);
    it["agrees"] = names_json(candidate.resemblance.agrees);
    it["differs"] = names_json(candidate.resemblance.differs);
    return it;
}

} // namespace

Json sources_json(const sync::Inquiry& inquiry) {
    Json list = Json::array();
    for (const auto& sight : inquiry.sources) {
        Json it;
        it["source"] = sight.source;
        it["patient"] = sight.record ? patient_json(sight.record->patient) : Json();
        it["modified_at"] = sight.record ? instant_json(sight.record->modified_at) : Json();
        it["state"] = sight.record ? Json(state_of(*sight.record)) : Json();
        it["trouble"] = text_or_null(sight.trouble);
        it["differs"] = names_json(sight.differs);
        it["dropped"] = dropped_json(sight);
        it["contradicting"] = contradicting_json(sight);
        list.push_back(std::move(it));
    }
    return list;
}

Json names_json(const FieldSet& fields) {
    Json list = Json::array();
    for (const auto field : reconcile::all_fields()) {
        if (fields.has(field)) list.push_back(std::string(name(field)));
    }
    return list;
}

Json names_json(std::string_view joined) {
    Json list = Json::array();
    while (!joined.empty()) {
        const auto end = std::min(joined.find(','), joined.size());
        list.push_back(std::string(joined.substr(0, end)));
        joined.remove_prefix(std::min(end + 1, joined.size()));
    }
    return list;
}

Json differs_json(const sync::Inquiry& inquiry) {
    Json list = Json::array();
    const auto& medicapp = inquiry.medicapp;
    const bool is_shown = inquiry.known.link && medicapp && !medicapp->external_id_unreadable;
    if (is_shown && medicapp->patient.external_id() != inquiry.key) list.push_back("externalId");
    for (auto& field : names_json(inquiry.differs))
        list.push_back(std::move(field));
    return list;
}

Json decisions_json(const std::vector<sync::DecisionKind>& kinds) {
    Json list = Json::array();
    for (const auto kind : kinds)
        list.push_back(std::string(state::name(kind)));
    return list;
}

Json patient_json(const Patient& patient, const FieldSet& fields) {
    Json it = Json::object();
    for (const auto field : reconcile::all_fields()) {
        const auto& value = patient[field];
        if (!fields.has(field) || value.is_unknown()) continue;
        const auto field_name = name(field);
        if (field_name.starts_with(address_prefix))
            it["address"][std::string(field_name.substr(address_prefix.size()))] =
                value_json(value);
        else
            it[std::string(field_name)] = value_json(value);
    }
    return it;
}

Json patient_json(const Patient& patient) {
    Json it = Json::object();
    if (!patient.external_id().empty()) it["externalId"] = patient.external_id();
    it.update(patient_json(patient, all()));
    return it;
}

Json medicapp_json(const connectors::MedicappPatient& patient) {
    Json it;
    it["id"] = patient.id;
    it.update(patient_json(patient.patient));
    return it;
}

void add_decision(Json& it, const state::Known& known) {
    const auto& decision = known.decision;
    it["decided"] = decision ? Json(std::string(state::name(decision->kind))) : Json();
    it["decided_by"] = decision ? text_or_null(decision->actor.name) : Json();
}

Json other_json(const sync::Inquiry& inquiry) {
    if (!inquiry.other) return nullptr;
    const auto& other = *inquiry.other;
    Json it;
    it["is"] = other.is_former ? "former" : other.survives ? "survivor" : "holder";
    it["external_id"] = other.external_id;
    it["medicapp_id"] = text_or_null(other.medicapp_id);
    it["patient"] = other.patient ? medicapp_json(*other.patient) : Json();
    it["record"] = other.patient ? medicapp_record_json(*other.patient) : Json();
    return it;
}

Json inquiry_json(Backend& backend, const sync::Inquiry& inquiry,
                  const std::map<std::string, Ignored>& ignored) {
    const auto& held = *inquiry.known.held;
    const auto* record = inquiry.record();
    Json it;
    it["id"] = inquiry.key;
    it["external_id"] = reconcile::is_nameless_key(inquiry.key) ? Json() : Json(inquiry.key);
    it["pseudonym"] = backend.digester().pseudonym(inquiry.key);
    it["reason"] = std::string(name(held.reason));
    it["kind"] = is_to_decide(held) ? "decide" : "excluded";
    it["rule"] = rule_about(inquiry);
    it["source"] = text_or_null(held.source);
    it["medicapp_id"] = text_or_null(held.medicapp_id);
    it["fields"] = names_json(held.field);
    it["detail"] = held.detail;
    it["request_id"] = text_or_null(held.request_id);
    it["since"] = time_json(held.held_at_ms);
    it["attempts"] = held.attempts;
    it["last_look"] = held.looked_at_ms > 0 ? time_json(held.looked_at_ms) : Json();
    it["next_look"] =
        sync::is_compared_again(held) ? time_json(backend.live().next_full_compare_ms) : Json();
    it["ignored"] = ignored_json(ignored, held.key);
    it["his"] = record ? patient_json(record->patient) : Json::object();
    it["sources"] = sources_json(inquiry);
    it["medicapp"] = inquiry.medicapp ? medicapp_json(*inquiry.medicapp) : Json();
    it["medicapp_record"] = inquiry.medicapp ? medicapp_record_json(*inquiry.medicapp) : Json();
    it["medicapp_trouble"] = text_or_null(inquiry.medicapp_trouble);
    const auto& previews = inquiry.previews;
    it["would_send"] = record && !previews.empty() && previews.front().untold.empty()
                           ? would_send(record->patient, previews.front().outcome)
                           : Json::object();
    it["differs"] = differs_json(inquiry);
    it["candidates"] = Json::array();
    for (const auto& candidate : inquiry.candidates)
        it["candidates"].push_back(candidate_json(candidate));
    it["decisions"] = decisions_json(decisions_on(inquiry));
    it["previews"] = previews_json(inquiry);
    it["not_offered"] = not_offered_json(inquiry);
    it["erase"] = text_or_null(effect_of_erasure(inquiry));
    it["erase_refused"] = text_or_null(refusal_of_erasure(inquiry));
    it["other"] = other_json(inquiry);
    add_decision(it, inquiry.known);
    it["token"] = reconcile::hex(inquiry.token);
    return it;
}

} // namespace medibridge::control
