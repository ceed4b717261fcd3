#include "sync/shell/sending.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::sync {

using connectors::ApiError;
using connectors::Failure;
using connectors::MedicappPatient;
using connectors::Reply;
using reconcile::Field;
using reconcile::FieldSet;
using runtime::Task;
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

std::string lower(std::string text) {
    for (auto& c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

bool names_required_field(const std::string& words) {
    for (const auto* name : {"lastname", "firstname", "birthdate", "externalid"}) {
        if (words.find(name) != std::string::npos) return true;
    }
    return false;
}

/// Medicapp's own words for what it refuses, for looking names up.
std::string words_of(const ApiError& error) {
    auto words = lower(error.code + " " + error.message);
    std::erase_if(words, [](char c) { return c == '_'; });
    return words;
}

/// Of the fields that are written, those of one kind that a patient can go without.
FieldSet written_of(const Optional& optional, const FieldSet& written) {
    FieldSet fields;
    for (const auto field : optional.fields) {
        if (written.has(field)) fields.add(field);
    }
    return fields;
}

/// The optional fields that Medicapp names, of those that are written.
FieldSet named_fields(const FieldSet& written, const ApiError& error) {
    const auto words = words_of(error);
    FieldSet named;
    for (const auto& optional : optional_fields()) {
        const bool is_named = std::ranges::any_of(optional.words, [&](std::string_view word) {
            return words.find(word) != std::string::npos;
        });
        if (is_named) named |= written_of(optional, written);
    }
    return named;
}

/// What to leave out in turn where Medicapp does not say what it refuses: each optional field by
/// itself, then all of them.
std::vector<FieldSet> suspects(const FieldSet& written, const ApiError& error) {
    std::vector<FieldSet> each;
    if (names_required_field(words_of(error))) return each;
    FieldSet all;
    for (const auto& optional : optional_fields()) {
        const auto fields = written_of(optional, written);
        if (fields.empty()) continue;
        each.push_back(fields);
        all |= fields;
    }
    if (each.size() > 1) each.push_back(all);
    return each;
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

Task<Reply<MedicappPatient>> send_without(Context& context, const Item& item, FieldSet left_out) {
    if (item.decision.kind == Kind::create) {
        auto patient = item.record.patient;
        for (const auto field : reconcile::all_fields()) {
            if (left_out.has(field)) patient[field] = reconcile::FieldValue();
        }
        co_return co_await context.env.medicapp.create(std::move(patient));
    }
    auto update = update_of(item, left_out);
    if (update.write.empty() && update.clear.empty() && !update.write_external_id) {
        MedicappPatient untouched;
        untouched.id = update.id;
        co_return untouched;
    }
    co_return co_await context.env.medicapp.update(std::move(update));
}

bool is_refused(const Reply<MedicappPatient>& reply) {
    return !reply && reply.error().failure == Failure::rejected;
}

} // namespace

FieldSet written_fields(const Item& item) {
    return item.decision.kind == Kind::create ? item.record.patient.known()
                                              : item.decision.plan.write;
}

FieldSet sent_fields(const Item& item) {
    auto fields = written_fields(item);
    if (item.decision.kind != Kind::create) fields |= item.decision.plan.clear;
    return fields;
}

Task<Sent> send(Context& context, const Item& item) {
    FieldSet left_out;
    auto reply = co_await send_without(context, item, left_out);
    while (is_refused(reply)) {
        const auto named = named_fields(sent_fields(item) - left_out, reply.error());
        if (named.empty() || !context.going() || !context.may_probe()) break;
        left_out |= named;
        reply = co_await send_without(context, item, left_out);
    }
    if (!is_refused(reply)) co_return Sent(std::move(reply), left_out);

    for (const auto& suspect : suspects(sent_fields(item) - left_out, reply.error())) {
        if (!context.going() || !context.may_probe()) break;
        const auto less = left_out | suspect;
        auto other = co_await send_without(context, item, less);
        if (!is_refused(other)) co_return Sent(std::move(other), less);
    }
    co_return Sent(std::move(reply), FieldSet());
}

} // namespace medibridge::sync
