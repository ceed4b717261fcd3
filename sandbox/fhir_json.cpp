#include "sandbox/fhir_json.hpp"

#include "sandbox/json_text.hpp"

#include <charconv>

namespace medibridge::sandbox {

namespace {

constexpr std::string_view id_prefix = "pat-";

std::optional<std::string_view> text(const HisTexts& texts, std::size_t field) {
    if (!texts.has(field) || texts[field].empty()) return std::nullopt;
    return texts[field];
}

/// `31/12/1980` as `1980-12-31`; anything else as it is.
std::string iso_date(std::string_view date) {
    if (date.size() != 10 || date[2] != '/' || date[5] != '/') return std::string(date);
    std::string out(date.substr(6));
    out += '-';
    out += date.substr(3, 2);
    out += '-';
    out += date.substr(0, 2);
    return out;
}

std::optional<std::string_view> fhir_gender(std::string_view sex) {
    if (sex == "1") return "male";
    if (sex == "2") return "female";
    if (sex == "9") return "other";
    return std::nullopt;
}

void append_given(std::string& out, std::string_view names) {
    out += '[';
    while (!names.empty()) {
        const auto end = names.find('\n');
        if (out.back() == '"') out += ',';
        append_json(out, names.substr(0, end));
        names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
    }
    out += ']';
}

void append_name(std::string& out, const HisTexts& texts, std::string_view use,
                 std::size_t family) {
    JsonObject name(out, Absent::omit);
    name.text("use", use);
    name.text("family", text(texts, family));
    if (text(texts, his_field::given_names)) {
        name.key("given");
        append_given(out, texts[his_field::given_names]);
    }
    name.close();
}

void append_names(std::string& out, const HisTexts& texts) {
    out += '[';
    append_name(out, texts, "official", his_field::birth_name);
    if (text(texts, his_field::usual_name)) {
        out += ',';
        append_name(out, texts, "usual", his_field::usual_name);
    }
    out += ']';
}

void append_telecom(std::string& out, const HisTexts& texts) {
    out += '[';
    if (const auto mobile = text(texts, his_field::mobile)) {
        JsonObject contact(out, Absent::omit);
        contact.text("system", "phone");
        contact.text("use", "mobile");
        contact.text("value", mobile);
        contact.close();
    }
    if (const auto mail = text(texts, his_field::mail)) {
        if (out.back() == '}') out += ',';
        JsonObject contact(out, Absent::omit);
        contact.text("system", "email");
        contact.text("value", mail);
        contact.close();
    }
    out += ']';
}

void append_address(std::string& out, const HisTexts& texts) {
    out += '[';
    JsonObject address(out, Absent::omit);
    address.text("use", "home");
    if (const auto street = text(texts, his_field::street)) {
        address.key("line");
        out += '[';
        append_json(out, *street);
        out += ']';
    }
    address.text("city", text(texts, his_field::city));
    address.text("postalCode", text(texts, his_field::postal_code));
    address.text("country", text(texts, his_field::country));
    address.close();
    out += ']';
}

void append_status(std::string& out, std::string_view status) {
    out +=
        R"([{"url":"https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability",)"
        R"("extension":[{"url":"identityStatus","valueCoding":{"code":)";
    append_json(out, status);
    out += "}}]}]";
}

} // namespace

std::string fhir_id(Slot slot) {
    return std::string(id_prefix) + std::to_string(slot);
}

std::optional<Slot> slot_of(std::string_view fhir_id) {
    if (!fhir_id.starts_with(id_prefix)) return std::nullopt;
    fhir_id.remove_prefix(id_prefix.size());
    Slot slot = 0;
    const auto* end = fhir_id.data() + fhir_id.size();
    const auto [stop, failure] = std::from_chars(fhir_id.data(), end, slot);
    if (failure != std::errc() || stop != end) return std::nullopt;
    return slot;
}

void append_fhir_patient(std::string& out, Slot slot, const HisPatient& patient,
                         const HisStore& store) {
    const auto& texts = patient.texts;
    JsonObject object(out, Absent::omit);
    object.text("resourceType", "Patient");
    object.text("id", fhir_id(slot));
    object.key("meta");
    out += R"({"lastUpdated":")";
    append_paris(out, patient.modified);
    out += "\"}";
    if (const auto status = text(texts, his_field::identity_status)) {
        object.key("extension");
        append_status(out, *status);
    }
    if (const auto ipp = text(texts, his_field::ipp)) {
        object.key("identifier");
        out += '[';
        JsonObject identifier(out, Absent::omit);
        identifier.text("use", "usual");
        identifier.text("system", fhir_identifier_system);
        identifier.text("value", ipp);
        identifier.close();
        out += ']';
    }
    const auto into = text(texts, his_field::merged_into);
    object.boolean("active", patient.active && !into);
    object.key("name");
    append_names(out, texts);
    object.key("telecom");
    append_telecom(out, texts);
    object.text("gender", fhir_gender(texts[his_field::sex]));
    if (const auto date = text(texts, his_field::birth_date))
        object.text("birthDate", iso_date(*date));
    if (patient.deceased) object.boolean("deceasedBoolean", true);
    object.key("address");
    append_address(out, texts);
    if (const auto survivor = into ? store.find(*into) : std::nullopt) {
        object.key("link");
        out += R"([{"type":"replaced-by","other":{"reference":"Patient/)" + fhir_id(*survivor) +
               "\"}}]";
    }
    object.close();
}

std::string operation_outcome(std::string_view severity, std::string_view code,
                              std::string_view diagnostics) {
    std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
    JsonObject issue(out, Absent::omit);
    issue.text("severity", severity);
    issue.text("code", code);
    issue.text("diagnostics", diagnostics);
    issue.close();
    out += "]}";
    return out;
}

} // namespace medibridge::sandbox
