#include "config/document.hpp"
#include "draft.hpp"

#include <algorithm>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

// docs/configuration.schema.json against the reader. It describes structure, types and ranges; what
// only the program can see (files, what belongs together) stays the reader's.
namespace medibridge::config {
namespace {

using Json = nlohmann::json;
using testing::IsEmpty;

const Json& document() {
    static const Json schema = Json::parse(drafts::source_file("docs/configuration.schema.json"));
    return schema;
}

/// What editors see of a text that the reader has taken apart.
Json json_of(const Node& node) {
    switch (node.kind) {
    case Node::Kind::null:
        return nullptr;
    case Node::Kind::scalar: {
        if (node.quoted) return node.text;
        const auto value = Json::parse(node.text, nullptr, false);
        return value.is_number() || value.is_boolean() ? value : Json(node.text);
    }
    case Node::Kind::sequence: {
        auto list = Json::array();
        for (const auto& item : node.items)
            list.push_back(json_of(item));
        return list;
    }
    case Node::Kind::mapping:
        break;
    }
    auto object = Json::object();
    for (const auto& entry : node.entries)
        object[entry.key] = json_of(entry.value);
    return object;
}

Json parsed(const std::string& text) {
    Report report("text", drafts::environment());
    const auto root = read_document(text, report);
    EXPECT_THAT(report.take_mistakes(), IsEmpty()) << text;
    return root ? json_of(*root) : Json();
}

/// What the schema finds; empty: nothing.
std::string faults(const Json& configuration) {
    static valijson::Schema schema;
    static const bool is_read = [] {
        const valijson::adapters::NlohmannJsonAdapter adapter(document());
        valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
        parser.populateSchema(adapter, schema);
        return true;
    }();
    EXPECT_TRUE(is_read);
    valijson::Validator validator(valijson::Validator::kStrongTypes);
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter adapter(configuration);
    if (validator.validate(schema, adapter, &results)) return {};
    std::string found;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        for (const auto& part : error.context)
            found += part;
        found += ": " + error.description + "\n";
    }
    return found.empty() ? "it is refused" : found;
}

/// The dotted keys that a part of the schema describes. Fields are read alike: birthDate stands for
/// all of them.
void collect(const Json& part, const std::string& path, std::set<std::string>& keys) {
    if (part.contains("$ref")) {
        const auto pointer = part["$ref"].get<std::string>().substr(1);
        return collect(document().at(Json::json_pointer(pointer)), path, keys);
    }
    for (const char* choice : {"oneOf", "allOf"})
        if (part.contains(choice))
            for (const auto& one : part[choice])
                collect(one, path, keys);
    if (part.contains("items")) collect(part["items"], path, keys);
    if (!part.contains("properties")) return;
    for (const auto& [name, inner] : part["properties"].items()) {
        const auto key = path.empty() ? name : path + "." + name;
        keys.insert(key);
        if (path != "his.fields" || name == "birthDate") collect(inner, key, keys);
    }
}

TEST(ConfigurationSchema, DescribesTheKeysThatTheReaderKnows) {
    std::set<std::string> described;
    collect(document(), {}, described);
    const auto known = drafts::all_keys();
    std::vector<std::string> missing;
    std::vector<std::string> invented;
    std::ranges::set_difference(known, described, std::back_inserter(missing));
    std::ranges::set_difference(described, known, std::back_inserter(invented));
    EXPECT_THAT(missing, IsEmpty()) << "the reader's";
    EXPECT_THAT(invented, IsEmpty()) << "nothing reads them";
}

TEST(ConfigurationSchema, SaysWhatEachKeyIsFor) {
    const std::function<void(const Json&, const std::string&)> look = [&](const Json& part,
                                                                          const std::string& path) {
        if (part.contains("properties"))
            for (const auto& [name, inner] : part["properties"].items())
                EXPECT_TRUE(inner.contains("description") ||
                            inner.value("$ref", "") == "#/definitions/field")
                    << path << "." << name;
        for (const auto& [name, inner] : part.items())
            if (inner.is_structured()) look(inner, path + "." + name);
    };
    look(document(), {});
}

/// One source of each kind, with keys that the minimal configuration does not have.
std::vector<std::string> accepted_texts() {
    const std::string head = "medicapp: {base_url: https://api.example.org/v5, api_key: {env: "
                             "API_KEY}, proxy: {url: \"http://p:3128\", user: u, password: {env: "
                             "API_KEY}}}\nstate: {path: /s}\nhis:\n  - name: a\n    ";
    const std::string fields = "    fields: {externalId: IPP, lastName: NOM, firstName: PRENOM, "
                               "birthDate: {at: NE, format: \"%d/%m/%Y\"}, modifiedAt: MAJ, "
                               "gender: {at: SEXE, map: {\"1\": M, \"2\": F}, default: O}}\n";
    return {
        drafts::minimal(),
        drafts::source_file("config/medibridge.sample.yaml"),
        head +
            "type: fhir\n    base_url: http://hapi:8080/fhir\n    identifier_system: urn:oid:1.2\n"
            "    auth: {client_credentials: {token_url: \"http://t/x\", client_id: c, "
            "client_secret: {env: API_KEY}}}\n",
        head +
            "type: sql\n    connection: DSN=x\n    query: SELECT a FROM b WHERE (m, i) > "
            "(:modified_after, :after_id) LIMIT :limit\n" +
            fields,
        head + "type: csv\n    directory: /in\n    delimiter: tab\n    settle: 1s\n" + fields +
            "    safety: {active: not_available}\n",
        head + "type: hl7v2\n    listen: \"[::1]:2575\"\n    assigning_authority: 1.2.250.1.999.1\n"
               "    ack: {data_error: AE}\n    allow: [10.0.0.0/8]\n    quota: {rows: 1000}\n",
    };
}

TEST(ConfigurationSchema, TakesWhatTheReaderTakes) {
    for (const auto& text : accepted_texts()) {
        const auto is_sample = text.find("credential:") != std::string::npos;
        if (!is_sample) EXPECT_THAT(drafts::mistakes(text), IsEmpty()) << text;
        EXPECT_EQ(faults(parsed(text)), "") << text;
    }
}

/// Each place of a configuration, and what stands there.
void each_place(const Json& part, const Json::json_pointer& place,
                const std::function<void(const Json::json_pointer&, const Json&)>& visit) {
    visit(place, part);
    if (part.is_object())
        for (const auto& [key, inner] : part.items())
            each_place(inner, place / key, visit);
    if (part.is_array())
        for (std::size_t i = 0; i < part.size(); ++i)
            each_place(part[i], place / i, visit);
}

/// Every way of breaking one place, of a sound configuration: JSON is YAML.
TEST(ConfigurationSchema, RefusesNothingThatTheReaderTakesAndEveryFaultOfStructure) {
    std::size_t broken = 0;
    const auto compare = [&](const Json& changed, bool is_structure, const std::string& what) {
        ++broken;
        const auto by_schema = faults(changed);
        const auto by_reader = drafts::mistakes(changed.dump());
        if (!by_schema.empty()) EXPECT_FALSE(by_reader.empty()) << what << "\n" << by_schema;
        if (is_structure) EXPECT_NE(by_schema, "") << what;
    };
    auto sample = parsed(drafts::minimal());
    sample["sync"] = {{"interval", "1s"},
                      {"authority", {{"default", "his"}}},
                      {"max_changes", {{"ratio", 0.5}, {"at_least", 5}}}};
    sample["identity"] = {{"last_name", "usual"}, {"hold_status", {"DOUT"}}};
    sample["log"] = {{"level", "info"}};
    sample["http"] = {{"listen", "127.0.0.1:1"}, {"names", {"a"}}};
    sample["audit"] = {{"keep", "24h"}};
    sample["medicapp"]["rate_limit"] = 5;
    sample["medicapp"]["concurrency"] = 3;
    ASSERT_THAT(drafts::mistakes(sample.dump()), IsEmpty());
    ASSERT_EQ(faults(sample), "");
    each_place(sample, Json::json_pointer(),
               [&](const Json::json_pointer& place, const Json& value) {
                   const auto changed = [&](const Json& other) {
                       auto copy = sample;
                       copy[place] = other;
                       return copy;
                   };
                   const auto where = place.to_string();
                   if (value.is_object()) {
                       auto other = value;
                       other["kye"] = "x";
                       compare(changed(other), true, where + ": an unknown key");
                   }
                   for (const Json& other : {Json::array({Json::object({{"kye", 1}})}),
                                             Json::object({{"kye", Json::object({{"kye", 1}})}})})
                       compare(changed(other), true, where + " is " + other.dump());
                   for (const Json& other :
                        {Json("no such word"), Json(-1), Json(1e12), Json(""), Json(true)})
                       compare(changed(other), value.is_structured() && !place.empty(),
                               where + " is " + other.dump());
                   if (place.empty() || place.back() == "0") return;
                   auto without = sample;
                   without[place.parent_pointer()].erase(place.back());
                   compare(without, false, "without " + where);
               });
    EXPECT_GT(broken, 200u);
}

} // namespace
} // namespace medibridge::config
