#include "config/mapping.hpp"

namespace medibridge::config {

namespace {

/// With its length before it, so that two parts cannot be taken for another two.
std::string part(const std::string& text) {
    return std::to_string(text.size()) + ":" + text;
}

std::string text_of(const FieldPlace& place) {
    auto text = part(place.at) + part(place.format);
    for (const auto& [word, meaning] : place.map)
        text += part(word) + part(meaning);
    if (place.default_value) text += "default" + part(*place.default_value);
    return text;
}

void add(const FieldPlaces& fields, std::map<std::string, std::string>& mapping) {
    for (const auto& [field, place] : fields)
        mapping["fields." + field] = text_of(place);
}

void add(const RestSource& rest, std::map<std::string, std::string>& mapping) {
    mapping["records"] = rest.records;
    mapping["timezone"] = rest.timezone;
    add(rest.fields, mapping);
}

void add(const FhirSource& fhir, std::map<std::string, std::string>& mapping) {
    mapping["identifier_system"] = fhir.identifier_system;
}

void add(const SqlSource& sql, std::map<std::string, std::string>& mapping) {
    mapping["query"] = sql.query; // it says what the columns hold
    mapping["null_query"] = sql.null_query;
    mapping["timezone"] = sql.timezone;
    add(sql.fields, mapping);
}

void add(const CsvSource& csv, std::map<std::string, std::string>& mapping) {
    mapping["timezone"] = csv.timezone;
    mapping["encoding"] = csv.encoding;
    mapping["null_text"] = csv.null_text;
    add(csv.fields, mapping);
}

void add(const Hl7Source& hl7, std::map<std::string, std::string>& mapping) {
    mapping["assigning_authority"] = hl7.assigning_authority;
    mapping["timezone"] = hl7.timezone;
}

} // namespace

std::map<std::string, std::string> mapping_of(const SourceSettings& source,
                                              const reconcile::IdentityPolicy& identity) {
    std::map<std::string, std::string> mapping;
    std::visit([&](const auto& its) { add(its, mapping); }, source.source);
    mapping["identity.last_name"] =
        identity.last_name == reconcile::LastName::birth ? "birth" : "usual";
    mapping["identity.default_region"] = identity.default_region;
    return mapping;
}

} // namespace medibridge::config
