#include "connectors/his/record_text.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace medibridge::connectors {

using nlohmann::json;
using reconcile::FieldValue;
using reconcile::Instant;
using reconcile::SourceRecord;

namespace {

// Keys are short: there is one text a patient. A flag stands only where it is set.
constexpr const char* fields_key = "f";
constexpr const char* id_key = "id";
constexpr const char* modified_key = "m";
constexpr const char* active_key = "a";
constexpr const char* deceased_key = "d";
constexpr const char* alive_key = "l";
constexpr const char* deleted_key = "x";
constexpr const char* status_key = "s";
constexpr const char* usual_key = "u";
constexpr const char* merged_key = "i";
constexpr const char* renamed_key = "r";
constexpr const char* place_key = "p";

json value_json(const FieldValue& value) {
    switch (value.state()) {
    case FieldValue::State::known:
        return value.text();
    case FieldValue::State::cleared:
        return json::array();
    case FieldValue::State::unreadable:
        return json::array({value.text()});
    case FieldValue::State::unknown:
        break;
    }
    return nullptr;
}

FieldValue value_of(const json& value) {
    if (value.is_string()) return FieldValue::known(value.get<std::string>());
    if (value.is_null()) return FieldValue();
    if (value.empty()) return FieldValue::cleared();
    return FieldValue::unreadable(value.at(0).get<std::string>());
}

void put(json& object, const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}

std::string text_at(const json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? std::string() : found->get<std::string>();
}

SourceRecord record_of(const json& object) {
    SourceRecord record;
    record.patient.set_external_id(text_at(object, id_key));
    const auto& fields = object.at(fields_key);
    for (std::size_t i = 0; i < reconcile::field_count; ++i)
        record.patient[reconcile::all_fields()[i]] = value_of(fields.at(i));
    if (object.contains(modified_key))
        record.modified_at = Instant(Instant::duration(object[modified_key].get<std::int64_t>()));
    if (object.contains(active_key)) record.active = object[active_key].get<bool>();
    record.deceased = object.contains(deceased_key);
    record.alive = object.contains(alive_key);
    record.deleted = object.contains(deleted_key);
    record.identity_status = text_at(object, status_key);
    record.usual_last_name = text_at(object, usual_key);
    record.merged_into = text_at(object, merged_key);
    record.renamed = object.contains(renamed_key);
    record.place = text_at(object, place_key);
    return record;
}

} // namespace

std::string record_text(const SourceRecord& record) {
    json object;
    auto& fields = object[fields_key] = json::array();
    for (const auto field : reconcile::all_fields())
        fields.push_back(value_json(record.patient[field]));
    put(object, id_key, record.patient.external_id());
    if (record.modified_at) object[modified_key] = record.modified_at->time_since_epoch().count();
    if (record.active) object[active_key] = *record.active;
    if (record.deceased) object[deceased_key] = true;
    if (record.alive) object[alive_key] = true;
    if (record.deleted) object[deleted_key] = true;
    put(object, status_key, record.identity_status);
    put(object, usual_key, record.usual_last_name);
    put(object, merged_key, record.merged_into);
    if (record.renamed) object[renamed_key] = true;
    put(object, place_key, record.place);
    // Bytes that are no UTF-8 can only come from a source that did not decode: never lose a record
    // for them.
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

SourceRecord record_from_text(std::string_view text) {
    try {
        return record_of(json::parse(text));
    } catch (const json::exception&) {
        throw std::invalid_argument("what was kept of a record cannot be read");
    }
}

SourceRecord merged_record(const SourceRecord& earlier, SourceRecord later) {
    if (later.modified_at && earlier.modified_at && *later.modified_at < *earlier.modified_at)
        return earlier;
    for (const auto field : reconcile::all_fields()) {
        if (later.patient[field].is_unknown()) later.patient[field] = earlier.patient[field];
    }
    if (!later.modified_at) later.modified_at = earlier.modified_at;
    if (!later.active) later.active = earlier.active;
    // Nobody is written to because a message did not repeat that the patient died.
    if (!later.alive) later.deceased = later.deceased || earlier.deceased;
    if (later.merged_into.empty()) {
        later.merged_into = earlier.merged_into;
        later.renamed = earlier.renamed;
    }
    if (later.identity_status.empty()) later.identity_status = earlier.identity_status;
    if (later.usual_last_name.empty()) later.usual_last_name = earlier.usual_last_name;
    return later;
}

} // namespace medibridge::connectors
