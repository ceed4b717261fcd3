#include "ctl/setup/draft.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <sstream>
#include <string_view>
#include <yaml-cpp/yaml.h>

namespace medibridge::ctl::setup {

namespace {

constexpr const char* of_the_unit = "medicapp-api-key";

/// A source's keys that the HIS may not have; they keep patients out of Medicapp.
constexpr std::array<std::string_view, 4> keeping_out{"deceased", "active", "identityStatus",
                                                      "mergedInto"};

/// In the order of the configuration.
constexpr std::array askable_fields{
    "externalId",   "lastName",        "usualLastName", "firstName",      "birthDate",
    "gender",       "phone",           "email",         "address.street", "address.postalCode",
    "address.city", "address.country", "deceased",      "active",         "identityStatus",
    "mergedInto",   "modifiedAt"};
/// Of these, what a patient in Medicapp may have and need not.
constexpr std::array optional_fields{
    "gender",       "phone",          "email", "address.street", "address.postalCode",
    "address.city", "address.country"};

/// `auth.bearer` of the source `dpi` is kept as `dpi-auth-bearer`.
std::string secret_name(const std::string& section, const std::string& key) {
    if (section == "medicapp") return of_the_unit;
    std::string name = section + "-" + key;
    for (char& c : name)
        if (c == '.') c = '-';
    return name;
}

YAML::Node reference(const std::string& name, const Places& places) {
    YAML::Node node;
    if (!places.environment.empty())
        node["env"] = environment_name(places, name);
    else if (places.secrets.empty())
        node["credential"] = name;
    else
        node["file"] = (places.secrets / name).string();
    node.SetStyle(YAML::EmitterStyle::Flow);
    return node;
}

std::vector<std::string> parts_of(const std::string& key) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (auto dot = key.find('.'); dot != std::string::npos; dot = key.find('.', begin)) {
        parts.push_back(key.substr(begin, dot - begin));
        begin = dot + 1;
    }
    parts.push_back(key.substr(begin));
    return parts;
}

void put(YAML::Node section, const std::string& key, const YAML::Node& value) {
    auto parts = parts_of(key);
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
        section.reset(section[parts[i]]);
    section[parts.back()] = value;
}

YAML::Node text_node(const std::string& text) {
    YAML::Node node(text);
    node.SetTag("!"); // quoted: `0123` stays a text
    return node;
}

std::string answer(const Answers& answers, const std::string& key) {
    const auto found = answers.find(key);
    return found == answers.end() ? std::string() : found->second;
}

/// What was answered, in the order of the questions. Fields are another form.
void put_all(const YAML::Node& section, const std::string& section_name,
             const std::vector<Question>& questions, const Answers& answers, const Places& places) {
    for (const Question& question : questions) {
        const auto& key = question.key;
        const auto value = answer(answers, key);
        if (value.empty() || key.starts_with("fields.")) continue;
        put(section, key,
            question.is_secret ? reference(secret_name(section_name, key), places)
                               : text_node(value));
    }
}

/// The parts between commas, without the spaces around them.
std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream parts(text);
    std::string part;
    while (std::getline(parts, part, ',')) {
        const auto begin = part.find_first_not_of(' ');
        if (begin != std::string::npos)
            words.push_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    }
    return words;
}

/// The HIS's words for ours. Where one was given, the map must have all, as what it lacks cannot be
/// read.
void add_words(YAML::Node field, const Answers& answers, const std::string& key,
               std::initializer_list<const char*> ours) {
    const auto theirs = [&](const char* word) { return answer(answers, key + "." + word); };
    const auto unknown = words_of(theirs("unknown"));
    const bool any =
        std::ranges::any_of(ours, [&](const char* word) { return !theirs(word).empty(); });
    if (!any && unknown.empty()) return;
    for (const char* word : ours)
        field["map"][theirs(word).empty() ? word : theirs(word)] = word;
    for (const auto& word : unknown)
        field["map"][word] = text_node("");
}

/// A place alone, or with the format and the words that were given.
YAML::Node field(const Answers& answers, const std::string& name) {
    const std::string key = "fields." + name;
    const std::string alone = answer(answers, key);
    const std::string at = alone.empty() ? answer(answers, key + ".at") : alone;
    if (at.empty()) return YAML::Node(YAML::NodeType::Undefined);
    YAML::Node node;
    node["at"] = text_node(at);
    if (const auto format = answer(answers, key + ".format"); !format.empty())
        node["format"] = text_node(format);
    if (name == "gender") add_words(node, answers, key, {"M", "F", "O"});
    if (name == "active") add_words(node, answers, key, {"true", "false"});
    if (node.size() == 1) return text_node(at);
    node.SetStyle(YAML::EmitterStyle::Flow);
    return node;
}

void put_fields(YAML::Node source, const Answers& answers) {
    for (const char* const name : askable_fields)
        if (const auto node = field(answers, name); node.IsDefined()) source["fields"][name] = node;
    for (const auto name : keeping_out) {
        const std::string word(name);
        if (!source["fields"][word]) source["safety"][word] = "not_available";
    }
}

bool is_mapped(const std::string& kind) {
    return kind == "rest" || kind == "sql" || kind == "csv";
}

} // namespace

std::string environment_name(const Places& places, const std::string& secret) {
    std::string name = places.environment;
    for (const char c : secret)
        name += c == '-' ? '_' : c;
    return name;
}

std::vector<Secret> Draft::secrets() const {
    std::vector<Secret> list;
    const auto add = [&](const std::string& section, const std::vector<Question>& questions,
                         const Answers& answers) {
        for (const Question& question : questions)
            if (const auto value = answer(answers, question.key);
                question.is_secret && !value.empty())
                list.push_back({secret_name(section, question.key), value});
    };
    add("medicapp", questions_of_medicapp(), medicapp);
    if (!kind.empty()) add(answer(source, "name"), questions_of(kind), source);
    return list;
}

std::vector<std::string> Draft::unmapped() const {
    std::vector<std::string> names;
    if (!is_mapped(kind)) return names;
    for (const char* const name : optional_fields)
        if (!field(source, name).IsDefined()) names.emplace_back(name);
    return names;
}

Draft with_a_source(Draft draft, const std::filesystem::path& folder) {
    if (!draft.kind.empty()) return draft;
    draft.kind = "csv";
    draft.source = {{"name", "setup"},           {"directory", folder.string()},
                    {"pattern", "*.csv"},        {"fields.externalId", "A"},
                    {"fields.lastName", "B"},    {"fields.firstName", "C"},
                    {"fields.birthDate.at", "D"}};
    return draft;
}

std::string configuration_text(const Draft& draft, const Places& places) {
    YAML::Node source;
    const auto name = answer(draft.source, "name");
    source["name"] = text_node(name);
    source["type"] = draft.kind;
    put_all(source, name, questions_of(draft.kind), draft.source, places);
    if (is_mapped(draft.kind)) put_fields(source, draft.source);
    YAML::Node whole;
    put_all(whole["medicapp"], "medicapp", questions_of_medicapp(), draft.medicapp, places);
    whole["his"].push_back(source);
    whole["state"]["path"] = text_node(places.state.string());
    YAML::Emitter out;
    out << YAML::Comment("Written by medibridgectl setup. Every other key has its default:\n"
                         "docs/configuration.md, and medibridge.sample.yaml.");
    out << YAML::Newline << whole;
    return std::string(out.c_str()) + "\n";
}

std::string credentials_drop_in(const Draft& draft, const std::filesystem::path& folder) {
    std::string lines;
    for (const Secret& secret : draft.secrets())
        if (secret.name != of_the_unit)
            lines += "LoadCredential=" + secret.name + ":" + (folder / secret.name).string() + "\n";
    return lines.empty() ? lines : "[Service]\n" + lines;
}

} // namespace medibridge::ctl::setup
