#include "connectors/fhir_resource/patient.hpp"

#include "base/bytes/utf8.hpp"
#include "connectors/json/parse.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using reconcile::FieldValue;

constexpr std::string_view no_text = "is not a text";

constexpr std::string_view broken_text = "holds a broken character";

constexpr std::string_view several_numbers =
    "has several current values of the system, and their `use` does not tell which one counts";

/// Blank texts, which FHIR forbids, say nothing.
FieldValue value_of(std::string_view text) {
    if (base::holds_replacement(text)) return FieldValue::unreadable(std::string(broken_text));
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
    return FieldValue::known(std::string(text));
}

/// A scalar of the resource that must be a text.
FieldValue text_of(const JsonValue& value) {
    if (value.is_absent()) return {};
    return value.is_text() ? value_of(value.text()) : FieldValue::unreadable(std::string(no_text));
}

/// https://hl7.org/fhir/R4/valueset-administrative-gender.html
FieldValue gender_of(const JsonValue& value) {
    if (!value.is_text()) return text_of(value);
    const auto code = value.text();
    if (code == "male") return FieldValue::known("M");
    if (code == "female") return FieldValue::known("F");
    if (code == "other") return FieldValue::known("O");
    if (code == "unknown" || code.empty()) return {};
    return FieldValue::unreadable("is not a FHIR gender");
}

constexpr std::string_view no_flag_of_fhir = "is neither true nor false";

/// Whether a value, or what stands in its place (https://hl7.org/fhir/R4/json.html#primitive: an
/// extension says why there is none), is there and is neither true nor false.
bool is_unclear(const JsonValue& patient, std::string_view name, std::string_view in_its_place) {
    const auto& flag = patient[name];
    if (flag.is_absent()) return !patient[in_its_place].is_absent();
    return !flag.is_true() && !flag.is_false();
}

bool is_named_deceased(std::string_view name) {
    return name.starts_with("deceased") || name.starts_with("_deceased");
}

/// Whether a value other than deceasedBoolean says something about a death.
bool tells_of_death(const JsonValue& patient) {
    return std::ranges::any_of(patient.names(), [&patient](const std::string& name) {
        return is_named_deceased(name) && !name.ends_with("Boolean") && !patient[name].is_absent();
    });
}

/// Anything about a death that is not a clear no counts as yes, so that nobody writes to a family:
/// every deceased[x] but deceasedBoolean, a date that is not known, too.
bool is_deceased(const JsonValue& patient, std::vector<MappingFault>& faults) {
    const bool unclear = is_unclear(patient, "deceasedBoolean", "_deceasedBoolean");
    if (unclear) faults.push_back({"deceased", no_flag_of_fhir});
    return unclear || patient["deceasedBoolean"].is_true() || tells_of_death(patient);
}

void take_times(const JsonValue& patient, FhirPatient& mapped) {
    const auto& updated = patient["meta"]["lastUpdated"];
    if (updated.is_absent()) return;
    const auto moment = reconcile::parse_rfc3339(updated.text());
    if (!moment) {
        mapped.faults.push_back({"modifiedAt", "is not an instant"});
        return;
    }
    mapped.record.modified_at = moment->instant;
    mapped.record.recorded = reconcile::StatedTime{moment->instant, moment->latest()};
    mapped.precision = moment->precision;
}

void take_activity(const JsonValue& patient, FhirPatient& mapped) {
    const auto& active = patient["active"];
    const bool unclear = is_unclear(patient, "active", "_active");
    if (active.is_true()) mapped.record.active = true;
    if (active.is_false() || unclear) mapped.record.active = false;
    if (unclear) mapped.faults.push_back({"active", no_flag_of_fhir});
    mapped.record.deceased = is_deceased(patient, mapped.faults);
    mapped.record.alive = !mapped.record.deceased && patient["deceasedBoolean"].is_false();
}

/// A patient that stands in the resource itself (https://hl7.org/fhir/R4/references.html).
const JsonValue* contained(const JsonValue& patient, std::string_view reference) {
    if (!reference.starts_with('#') || reference.size() == 1) return nullptr;
    for (const auto& resource : patient["contained"].items()) {
        if (resource["id"].text() == reference.substr(1)) return &resource;
    }
    return nullptr;
}

FhirLink link_of(const JsonValue& patient, const JsonValue& other, const FhirRules& rules) {
    FhirLink link;
    link.reference = other["reference"].text();
    if (const auto* resource = contained(patient, link.reference))
        link.external_id = identifiers_of(*resource, rules).current;
    const auto& identifier = other["identifier"];
    const bool is_ours = identifier["system"].text() == rules.identifier_system;
    if (link.external_id.empty() && is_ours) link.external_id = identifier["value"].text();
    return link;
}

void take_links(const JsonValue& patient, const FhirRules& rules, FhirPatient& mapped) {
    for (const auto& item : patient["link"].items()) {
        const auto type = item["type"].text();
        if (type == "replaced-by")
            mapped.replaced_by.push_back(link_of(patient, item["other"], rules));
        else if (type == "replaces")
            mapped.replaces.push_back(link_of(patient, item["other"], rules));
    }
}

void take_identifiers(const JsonValue& patient, const FhirRules& rules, FhirPatient& mapped) {
    auto found = identifiers_of(patient, rules);
    if (found.current.empty() && is_retired(mapped) && !found.former.empty()) {
        found.current = std::move(found.former.front());
        found.former.erase(found.former.begin());
    }
    if (found.several && !found.undecided)
        mapped.faults.push_back({"externalId", "has several current values of the system; the one "
                                               "whose `use` comes first is taken"});
    std::string_view defect;
    if (found.unreadable && found.current.empty()) defect = no_text;
    if (found.undecided) defect = several_numbers;
    if (base::holds_replacement(found.current)) defect = broken_text;
    if (!defect.empty()) {
        mapped.faults.push_back({"externalId", defect});
        mapped.record.external_id_defect = defect;
        found.current.clear();
    }
    mapped.record.patient.set_external_id(std::move(found.current));
    std::erase_if(found.former,
                  [](const std::string& former) { return !is_usable_external_id(former); });
    mapped.former = std::move(found.former);
    mapped.others = std::move(found.others);
    mapped.numbers = std::move(found.numbers);
    if (!rules.all_identifiers) return;
    for (const auto& identifier : patient["identifier"].items()) {
        auto& its = mapped.identifiers.emplace_back();
        its.system = identifier["system"].text();
        its.value = identifier["value"].text();
    }
}

/// An address is one value: what stands beside a part that cannot be used is not taken either.
void take_address(const JsonValue& address, reconcile::Patient& patient) {
    patient[Field::street] = value_of(street_of(address));
    patient[Field::city] = text_of(address["city"]);
    patient[Field::postal_code] = text_of(address["postalCode"]);
    patient[Field::country] = text_of(address["country"]);
    if (is_usable_address(address)) return;
    for (const auto part : {Field::street, Field::city, Field::postal_code, Field::country}) {
        if (patient[part].is_known())
            patient[part] =
                FieldValue::unreadable("is in an address of which another part cannot be used");
    }
}

} // namespace

FhirPatient map_fhir_patient(const JsonValue& patient, const FhirRules& rules, std::string place) {
    FhirPatient mapped;
    auto& record = mapped.record;
    record.place = std::move(place);
    mapped.id = patient["id"].text();
    take_times(patient, mapped);
    take_activity(patient, mapped);
    take_links(patient, rules, mapped);
    take_identifiers(patient, rules, mapped);

    const auto names = names_of(patient, rules);
    record.patient[Field::last_name] = value_of(names.birth);
    record.patient[Field::first_name] = value_of(names.given);
    record.usual_last_name = names.usual;
    record.patient[Field::birth_date] = text_of(patient["birthDate"]);
    record.patient[Field::gender] = gender_of(patient["gender"]);
    record.patient[Field::phone] = value_of(phone_of(patient, rules));
    record.patient[Field::email] = value_of(email_of(patient, rules));
    take_address(address_of(patient, rules), record.patient);
    record.identity_status = identity_status_of(patient);
    return mapped;
}

bool is_retired(const FhirPatient& patient) {
    return patient.record.active == false || !patient.replaced_by.empty();
}

bool goes_by(const FhirPatient& patient, std::string_view external_id) {
    const auto& its = patient.record.patient.external_id();
    return its == external_id ||
           (its.empty() && std::ranges::find(patient.others, external_id) != patient.others.end());
}

bool is_wanted_of_patient(std::string_view name, std::size_t depth) {
    static constexpr std::array<std::string_view, 15> wanted = {
        "resourceType", "id",      "meta", "extension", "identifier",
        "active",       "_active", "name", "telecom",   "gender",
        "birthDate",    "address", "link", "contained", "issue"};
    return depth > 0 || is_named_deceased(name) || std::ranges::find(wanted, name) != wanted.end();
}

} // namespace medibridge::connectors
