#include "sync/core/write_request.hpp"

#include "base/bytes/ascii.hpp"
#include "sync/core/views.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::sync {

using connectors::ApiError;
using reconcile::Field;
using reconcile::FieldSet;
using Kind = Decision::Kind;

namespace {

/// Fields that a patient can go without, each with the words by which Medicapp may name it.
struct Optional {
    std::vector<Field> fields;
    std::vector<std::string_view> words;
};

const std::array<Optional, 4>& optional_fields() {
    static const std::array<Optional, 4> all{{
        {{Field::phone}, {"phone"}},
        {{Field::email}, {"email"}},
        {{Field::street, Field::city, Field::postal_code, Field::country},
         {"address", "street", "city", "postal", "country"}},
        {{Field::gender}, {"gender"}},
    }};
    return all;
}

bool names_required_field(const std::string& words) {
    for (const auto* name : {"lastname", "firstname", "birthdate", "externalid"}) {
        if (words.find(name) != std::string::npos) return true;
    }
    return false;
}

/// Medicapp's own words for what it refuses, for looking names up.
std::string words_of(const ApiError& error) {
    auto words = base::ascii_lower_case(error.code + " " + error.message);
    std::erase_if(words, [](char c) { return c == '_'; });
    return words;
}

/// Of the fields that are sent, those of one kind that a patient can go without.
FieldSet sent_of(const Optional& optional, const FieldSet& sent) {
    FieldSet fields;
    for (const auto field : optional.fields) {
        if (sent.has(field)) fields.add(field);
    }
    return fields;
}

connectors::PatientUpdate update_of(const Item& item, const FieldSet& left_out) {
    connectors::PatientUpdate update;
    update.id = item.decision.medicapp_id;
    update.patient = reconcile::Patient(item.external_id());
    update.write_external_id = item.decision.write_external_id;
    bool writes_address = false;
    for (const auto field : reconcile::all_fields()) {
        if (left_out.has(field)) continue;
        if (item.decision.plan.clear.has(field)) update.clear.add(field);
        if (!item.decision.plan.write.has(field)) continue;
        update.write.add(field);
        update.patient[field] = item.record.patient[field];
        writes_address = writes_address || is_address(field);
    }
    if (!writes_address) return update;
    // Whether Medicapp merges a nested address is not said: it gets the whole one, so that a part
    // that did not change is not lost. Where both sides do not agree on such a part, Medicapp's was
    // read for it.
    const auto& rest = item.detail ? item.detail->patient : item.record.patient;
    for (const auto field : reconcile::all_fields()) {
        if (!is_address(field) || update.write.has(field) || update.clear.has(field)) continue;
        if (!rest[field].is_known()) continue;
        update.write.add(field);
        update.patient[field] = rest[field];
    }
    return update;
}

} // namespace

WriteRequest write_request(const Item& item, const FieldSet& left_out) {
    if (item.decision.kind != Kind::create) return update_of(item, left_out);
    auto patient = item.record.patient;
    for (const auto field : reconcile::all_fields()) {
        if (left_out.has(field)) patient[field] = reconcile::FieldValue();
    }
    return patient;
}

bool is_empty(const WriteRequest& request) {
    const auto* update = std::get_if<connectors::PatientUpdate>(&request);
    return update && update->write.empty() && update->clear.empty() && !update->write_external_id;
}

FieldSet named_fields(const FieldSet& sent, const ApiError& error) {
    const auto words = words_of(error);
    FieldSet named;
    for (const auto& optional : optional_fields()) {
        const bool is_named = std::ranges::any_of(optional.words, [&](std::string_view word) {
            return words.find(word) != std::string::npos;
        });
        if (is_named) named |= sent_of(optional, sent);
    }
    return named;
}

std::vector<FieldSet> suspects(const FieldSet& sent, const ApiError& error) {
    std::vector<FieldSet> each;
    if (names_required_field(words_of(error))) return each;
    FieldSet all;
    for (const auto& optional : optional_fields()) {
        const auto fields = sent_of(optional, sent);
        if (fields.empty()) continue;
        each.push_back(fields);
        all |= fields;
    }
    if (each.size() > 1) each.push_back(all);
    return each;
}

FieldSet written_fields(const Item& item) {
    return item.decision.kind == Kind::create ? item.record.patient.known()
                                              : item.decision.plan.write;
}

FieldSet sent_fields(const Item& item) {
    auto fields = written_fields(item);
    if (item.decision.kind != Kind::create) fields |= item.decision.plan.clear;
    return fields;
}

bool calls_for_write(const Item& item) {
    switch (item.decision.kind) {
    case Kind::create:
    case Kind::update:
        return true;
    case Kind::adopt:
        return item.decision.plan.writes() || item.decision.write_external_id;
    default:
        return false;
    }
}

state::Intent intent_of(const Item& item) {
    state::Intent intent;
    intent.external_id = item.external_id();
    intent.kind = item.decision.kind == Kind::create ? state::Intent::Kind::create
                                                     : state::Intent::Kind::update;
    intent.medicapp_id = item.decision.medicapp_id;
    const auto sent = sent_fields(item);
    for (const auto field : reconcile::all_fields()) {
        if (sent.has(field)) of(intent.sent, field) = of(item.his.fields, field);
    }
    return intent;
}

reconcile::SideView before_write(const Rules& rules, const Item& item) {
    if (item.detail) {
        return medicapp_view(*item.detail, item.external_id(), rules.digester,
                             rules.settings.identity);
    }
    if (!item.known.link) return {};
    const auto& baseline = item.known.link->baselines.medicapp;
    return item.seen ? completed(*item.seen, baseline) : baseline;
}

} // namespace medibridge::sync
