#include "sandbox/medicapp_fhir.hpp"

#include "sandbox/base64.hpp"
#include "sandbox/json_text.hpp"

#include <functional>

namespace medibridge::sandbox {

namespace {

constexpr std::string_view list_path = "/v5/patients?";
constexpr std::string_view opaque = "template=FHIR&cursor=";

/// An identifier, or a way to reach somebody: both are a value of a system.
void append_identified(std::string& out, std::string_view system, std::string_view value) {
    if (out.back() == '}') out += ',';
    JsonObject item(out, Absent::omit);
    item.text("system", system);
    item.text("value", value);
    item.close();
}

std::string_view fhir_gender_of(std::string_view gender) {
    if (gender == "M") return "male";
    if (gender == "F") return "female";
    return "other";
}

void append_name(std::string& out, const MedicappTexts& texts) {
    JsonObject name(out, Absent::omit);
    name.text("use", "official");
    if (texts.has(last_name)) name.text("family", texts[last_name]);
    if (texts.has(first_name)) {
        name.key("given");
        out += '[';
        append_json(out, texts[first_name]);
        out += ']';
    }
    name.close();
}

void append_address(std::string& out, const MedicappTexts& texts) {
    JsonObject address(out, Absent::omit);
    if (texts.has(street)) {
        address.key("line");
        out += '[';
        append_json(out, texts[street]);
        out += ']';
    }
    if (texts.has(city)) address.text("city", texts[city]);
    if (texts.has(postal_code)) address.text("postalCode", texts[postal_code]);
    if (texts.has(country)) address.text("country", texts[country]);
    address.close();
}

std::string with_page(std::string_view query, std::size_t page) {
    std::string out;
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto part = query.substr(0, end);
        if (!part.starts_with("page=")) out += std::string(part) + '&';
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
    return out + "page=" + std::to_string(page);
}

constexpr std::string_view hex_digits = "0123456789abcdef";

std::string hidden(std::string_view query) {
    std::string out(opaque);
    for (const char c : query) {
        out += hex_digits[static_cast<unsigned char>(c) >> 4];
        out += hex_digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

std::string next_link(const MedicappSwitches& switches, const FhirPage& page) {
    if (page.number * page.per_page >= page.total) return {};
    const auto query = with_page(page.query, page.number + 1);
    const bool is_opaque = switches.fhir_template == Template::links;
    return std::string(list_path) + (is_opaque ? hidden(query) : query);
}

} // namespace

void append_medicapp_resource(std::string& out, const MedicappSwitches& switches,
                              const MedicappStore& store, Slot slot, bool with_address) {
    const auto& patient = store[slot];
    const auto& texts = patient.texts;
    const auto hides = switches.template_hides;
    JsonObject object(out, Absent::omit);
    object.text("resourceType", "Patient");
    const bool own_id = switches.template_id == TemplateId::resource;
    object.text("id", own_id ? store.id(slot) : "res-" + std::to_string(slot));
    if (hides != TemplateHides::modified) {
        object.key("meta");
        out += R"({"lastUpdated":")";
        append_utc(out, patient.modified, switches.precision);
        out += "\"}";
    }
    object.key("identifier");
    out += '[';
    if (!own_id) append_identified(out, medicapp_id_system, store.id(slot));
    if (texts.has(external_id))
        append_identified(out, medicapp_external_id_system, texts[external_id]);
    out += ']';
    object.key("name");
    out += '[';
    append_name(out, texts);
    out += ']';
    object.key("telecom");
    out += '[';
    if (texts.has(phone) && hides != TemplateHides::phone)
        append_identified(out, "phone", texts[phone]);
    if (texts.has(email)) append_identified(out, "email", texts[email]);
    out += ']';
    if (texts.has(gender) && hides != TemplateHides::gender)
        object.text("gender", fhir_gender_of(texts[gender]));
    if (texts.has(birth_date)) object.text("birthDate", texts[birth_date]);
    const bool has_address =
        texts.has(street) || texts.has(city) || texts.has(postal_code) || texts.has(country);
    if (has_address && (with_address || switches.template_address == TemplateAddress::lists)) {
        object.key("address");
        out += '[';
        append_address(out, texts);
        out += ']';
    }
    object.close();
}

std::string medicapp_fhir_page(const MedicappSwitches& switches, const MedicappStore& store,
                               const FhirPage& page) {
    const bool is_data = switches.fhir_template == Template::data;
    std::string out = is_data ? R"({"data":[)"
                              : R"({"resourceType":"Bundle","type":"searchset","total":)" +
                                    std::to_string(page.total) + R"(,"entry":[)";
    bool first = true;
    for (const auto slot : page.slots) {
        if (!first) out += ',';
        first = false;
        if (!is_data) out += R"({"search":{"mode":"match"},"resource":)";
        append_medicapp_resource(out, switches, store, slot, false);
        if (!is_data) out += '}';
    }
    out += ']';
    if (is_data) {
        const auto pages = (page.total + page.per_page - 1) / page.per_page;
        out += R"(,"pagination":{"page":)" + std::to_string(page.number) + R"(,"perPage":)" +
               std::to_string(page.per_page) + R"(,"total":)" + std::to_string(page.total) +
               R"(,"totalPages":)" + std::to_string(pages) + '}';
    } else if (const auto next = next_link(switches, page); !next.empty()) {
        out += R"(,"link":[{"relation":"next","url":)";
        append_json(out, next);
        out += "}]";
    }
    return out + '}';
}

std::string query_of_link(std::string_view query) {
    if (!query.starts_with(opaque)) return std::string(query);
    query.remove_prefix(opaque.size());
    std::string out;
    for (std::size_t i = 0; i + 1 < query.size(); i += 2)
        out += static_cast<char>(hex_digits.find(query[i]) << 4 |
                                 (hex_digits.find(query[i + 1]) & 15));
    return out;
}

} // namespace medibridge::sandbox
