#include "sandbox/invent.hpp"
#include "sandbox/load.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace medibridge::sandbox {

namespace {

using nlohmann::json;

/// The text of a member; empty if there is none.
std::string text(const json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

/// The members of an array; nothing if there is no such array.
const json& list(const json& object, const char* key) {
    static const json none = json::array();
    const auto at = object.find(key);
    return at != object.end() && at->is_array() ? *at : none;
}

void set(HisDraft& draft, std::size_t field, std::string value) {
    if (!value.empty()) draft.texts[field] = std::move(value);
}

/// A medical record number (MR) or internal number (PI), else the usual one, else the first, else
/// the resource's own id.
std::string identifier_of(const json& patient) {
    std::string usual;
    std::string first;
    for (const auto& item : list(patient, "identifier")) {
        if (!item.is_object() || text(item, "use") == "old") continue;
        const std::string value = text(item, "value");
        const auto type = item.find("type");
        if (type != item.end() && type->is_object() && !value.empty()) {
            for (const auto& coding : list(*type, "coding")) {
                if (!coding.is_object()) continue;
                const std::string code = text(coding, "code");
                if (code == "MR" || code == "PI") return value;
            }
        }
        if (usual.empty() && text(item, "use") == "usual") usual = value;
        if (first.empty()) first = value;
    }
    if (!usual.empty()) return usual;
    return first.empty() ? text(patient, "id") : first;
}

/// `official` is the birth name and `usual` the usual one, as in France; where there is a `maiden`
/// name, that is the birth name.
void take_names(HisDraft& draft, const json& patient) {
    const json* official = nullptr;
    std::string usual;
    std::string maiden;
    for (const auto& name : list(patient, "name")) {
        if (!name.is_object()) continue;
        const std::string use = text(name, "use");
        if (use == "old") continue;
        if (use == "usual") usual = text(name, "family");
        if (use == "maiden") maiden = text(name, "family");
        const bool better =
            official == nullptr || (use == "official" && text(*official, "use") != "official");
        if (better && use != "maiden") official = &name;
    }
    if (official == nullptr) return;
    std::string family = text(*official, "family");
    if (!maiden.empty()) {
        usual = std::move(family);
        family = std::move(maiden);
    }
    if (usual != family) set(draft, his_field::usual_name, std::move(usual));
    set(draft, his_field::birth_name, std::move(family));
    std::string given;
    for (const auto& name : list(*official, "given")) {
        if (!name.is_string()) continue;
        if (!given.empty()) given += '\n';
        given += name.get<std::string>();
    }
    set(draft, his_field::given_names, std::move(given));
}

void take_contact(HisDraft& draft, const json& patient) {
    for (const auto& item : list(patient, "telecom")) {
        if (!item.is_object() || text(item, "use") == "old") continue;
        const std::string system = text(item, "system");
        if (system == "email") set(draft, his_field::mail, text(item, "value"));
        const bool mobile = text(item, "use") == "mobile";
        if (system == "phone" && (mobile || !draft.texts[his_field::mobile]))
            set(draft, his_field::mobile, text(item, "value"));
    }
    for (const auto& address : list(patient, "address")) {
        if (!address.is_object() || text(address, "use") == "old") continue;
        std::string line;
        for (const auto& part : list(address, "line")) {
            if (!part.is_string()) continue;
            if (!line.empty()) line += ", ";
            line += part.get<std::string>();
        }
        set(draft, his_field::street, std::move(line));
        set(draft, his_field::city, text(address, "city"));
        set(draft, his_field::postal_code, text(address, "postalCode"));
        set(draft, his_field::country, text(address, "country"));
        return;
    }
}

void take_state(HisDraft& draft, const json& patient) {
    const auto dead = patient.find("deceasedBoolean");
    draft.deceased = !text(patient, "deceasedDateTime").empty() ||
                     (dead != patient.end() && dead->is_boolean() && dead->get<bool>());
    const auto active = patient.find("active");
    if (active != patient.end() && active->is_boolean()) draft.active = active->get<bool>();
    for (const auto& link : list(patient, "link")) {
        if (!link.is_object() || text(link, "type") != "replaced-by") continue;
        const auto other = link.find("other");
        if (other == link.end() || !other->is_object()) continue;
        const std::string reference = text(*other, "reference");
        set(draft, his_field::merged_into, reference.substr(reference.rfind('/') + 1));
    }
    const auto meta = patient.find("meta");
    if (meta == patient.end() || !meta->is_object()) return;
    draft.modified = parse_time(text(*meta, "lastUpdated")).value_or(draft.modified);
}

} // namespace

LoadReport load_ndjson(std::string_view content, std::uint64_t seed, HisStore& store) {
    LoadReport report;
    for (std::size_t line = 1; !content.empty(); ++line) {
        const auto end = content.find('\n');
        const auto record = content.substr(0, end);
        content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
        if (record.find_first_not_of(" \t\r") == std::string_view::npos) continue;
        const json patient = json::parse(record, nullptr, false);
        if (!patient.is_object())
            throw std::runtime_error("line " + std::to_string(line) + ": not a JSON object");
        const std::string ipp = identifier_of(patient);
        if (text(patient, "resourceType") != "Patient" || ipp.empty()) {
            ++report.skipped;
            continue;
        }
        HisDraft draft;
        draft.texts[his_field::ipp] = ipp;
        draft.modified = invented_time(seed, report.loaded);
        take_names(draft, patient);
        take_contact(draft, patient);
        take_state(draft, patient);
        set(draft, his_field::birth_date, french_date(text(patient, "birthDate")));
        set(draft, his_field::sex, std::string(sex_code(text(patient, "gender"))));
        store.put(draft);
        ++report.loaded;
    }
    return report;
}

} // namespace medibridge::sandbox
