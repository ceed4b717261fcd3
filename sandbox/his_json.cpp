#include "sandbox/his_json.hpp"

#include "sandbox/json_text.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace medibridge::sandbox {

namespace {

using nlohmann::json;

struct TextPlace {
    std::size_t field;
    const char* group; ///< null: the patient itself
    const char* key;
};

/// In the order in which the HIS shows them, but for the given names.
constexpr TextPlace text_places[] = {
    {his_field::ipp, nullptr, "ipp"},
    {his_field::birth_name, "etatCivil", "nomNaissance"},
    {his_field::usual_name, "etatCivil", "nomUsage"},
    {his_field::birth_date, "etatCivil", "dateNaissance"},
    {his_field::sex, "etatCivil", "sexe"},
    {his_field::mail, "contact", "mail"},
    {his_field::mobile, "contact", "mobile"},
    {his_field::street, "adresse", "voie"},
    {his_field::city, "adresse", "commune"},
    {his_field::postal_code, "adresse", "cp"},
    {his_field::country, "adresse", "pays"},
    {his_field::identity_status, nullptr, "statutIdentite"},
    {his_field::merged_into, nullptr, "remplacePar"},
};

void append_group(std::string& out, JsonObject& whole, const HisTexts& texts,
                  std::string_view group) {
    whole.key(group);
    JsonObject object(out, Absent::null);
    for (const auto& place : text_places) {
        if (place.group == nullptr || place.group != group) continue;
        const auto value =
            texts.has(place.field) ? std::optional(texts[place.field]) : std::nullopt;
        object.text(place.key, value);
    }
    if (group == "etatCivil") {
        object.key("prenoms");
        out += '[';
        std::string_view rest = texts[his_field::given_names];
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            if (out.back() == '"') out += ',';
            append_json(out, rest.substr(0, end));
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        out += ']';
    }
    object.close();
}

[[noreturn]] void refuse(const std::string& what) {
    throw std::invalid_argument("a HIS patient: " + what);
}

void take(HisDraft& draft, std::size_t field, const json& value, const std::string& key) {
    if (value.is_null())
        draft.texts[field].reset();
    else if (value.is_string())
        draft.texts[field] = value.get<std::string>();
    else
        refuse(key + " must be a string or null");
}

void take_given_names(HisDraft& draft, const json& value) {
    if (!value.is_array()) refuse("prenoms must be an array");
    std::string names;
    for (const auto& item : value) {
        if (!item.is_string()) refuse("prenoms must hold strings");
        if (!names.empty()) names += '\n';
        names += item.get<std::string>();
    }
    draft.texts[his_field::given_names] = std::move(names);
}

void take_flag(bool& flag, const json& value, const std::string& key) {
    if (!value.is_boolean()) refuse(key + " must be true or false");
    flag = value.get<bool>();
}

void take_member(HisDraft& draft, const char* group, const std::string& key, const json& value) {
    for (const auto& place : text_places) {
        const bool same_group = group == nullptr ? place.group == nullptr
                                                 : place.group && std::string_view(place.group) ==
                                                                      std::string_view(group);
        if (same_group && place.key == key) return take(draft, place.field, value, key);
    }
    if (group && std::string_view(group) == "etatCivil" && key == "prenoms")
        return take_given_names(draft, value);
    if (!group && key == "actif") return take_flag(draft.active, value, key);
    if (!group && key == "decede") return take_flag(draft.deceased, value, key);
    refuse("unknown member " + key);
}

void take_members(HisDraft& draft, const json& record) {
    for (const auto& [key, value] : record.items()) {
        const bool is_group = key == "etatCivil" || key == "contact" || key == "adresse";
        if (key == "majLe") {
            const auto time =
                value.is_string() ? parse_time(value.get<std::string>(), true) : std::nullopt;
            if (!time) refuse("majLe must be a time");
            draft.modified = *time;
        } else if (is_group) {
            if (!value.is_object()) refuse(key + " must be an object");
            for (const auto& [inner, text] : value.items())
                take_member(draft, key.c_str(), inner, text);
        } else {
            take_member(draft, nullptr, key, value);
        }
    }
}

} // namespace

void append_his_patient(std::string& out, const HisPatient& patient) {
    const auto& texts = patient.texts;
    JsonObject object(out, Absent::null);
    object.text("ipp",
                texts.has(his_field::ipp) ? std::optional(texts[his_field::ipp]) : std::nullopt);
    for (const char* group : {"etatCivil", "contact", "adresse"})
        append_group(out, object, texts, group);
    object.key("majLe");
    out += '"';
    append_paris(out, patient.modified);
    out += '"';
    object.boolean("actif", patient.active);
    object.boolean("decede", patient.deceased);
    for (const auto& place : text_places) {
        if (place.group == nullptr && place.field != his_field::ipp && texts.has(place.field))
            object.text(place.key, texts[place.field]);
    }
    object.close();
}

std::vector<HisDraft> read_his_patients(std::string_view text, const HisStore& store, Millis now,
                                        std::string_view ipp) {
    json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) throw std::invalid_argument("the body is not valid JSON");
    if (document.is_object()) {
        json list = json::array();
        list.push_back(std::move(document));
        document = std::move(list);
    }
    if (!document.is_array()) throw std::invalid_argument("expected an object or an array");
    std::vector<HisDraft> drafts;
    for (const auto& record : document) {
        if (!record.is_object()) refuse("expected an object");
        std::string key(ipp);
        if (const auto at = record.find("ipp"); at != record.end() && at->is_string())
            key = at->get<std::string>();
        const auto known = store.find(key);
        HisDraft draft = known ? store.draft(*known) : HisDraft();
        if (!key.empty()) draft.texts[his_field::ipp] = key;
        draft.modified = now;
        take_members(draft, record);
        drafts.push_back(std::move(draft));
    }
    return drafts;
}

} // namespace medibridge::sandbox
