#include "schema.hpp"

#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <yaml-cpp/yaml.h>

namespace medibridge::tests {

using Json = nlohmann::json;

namespace {

Json json_of_scalar(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() == "!") return text; // it was quoted
    const auto value = Json::parse(text, nullptr, false);
    return value.is_primitive() && !value.is_discarded() ? value : Json(text);
}

Json json_of(const YAML::Node& node) {
    if (node.IsNull()) return nullptr;
    if (node.IsScalar()) return json_of_scalar(node);
    Json result = node.IsSequence() ? Json::array() : Json::object();
    for (const auto& item : node) {
        if (node.IsSequence()) {
            result.push_back(json_of(item));
        } else {
            result[item.first.as<std::string>()] = json_of(item.second);
        }
    }
    return result;
}

} // namespace

ApiSchema::ApiSchema() : document_(json_of(YAML::LoadFile(MEDIBRIDGE_CONTROL_API))) {}

std::vector<std::pair<std::string, std::string>> ApiSchema::operations() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const auto& [path, methods] : document_["paths"].items())
        for (const auto& [method, operation] : methods.items())
            all.emplace_back(method, path);
    return all;
}

std::string ApiSchema::faults(const std::string& method, const std::string& path,
                              const Json& answer) const {
    const auto& content =
        document_.at("paths").at(path).at(method).at("responses").at("200").at("content");
    return check(content.begin().value().at("schema"), answer);
}

std::string ApiSchema::faults_of_error(const Json& answer) const {
    return check(Json{{"$ref", "#/components/schemas/Error"}}, answer);
}

std::string ApiSchema::check(const Json& schema, const Json& answer) const {
    Json whole{{"allOf", Json::array({schema})}, {"components", document_["components"]}};
    valijson::Schema compiled;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(whole), compiled);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(compiled, valijson::adapters::NlohmannJsonAdapter(answer), &results))
        return {};
    std::string faults = answer.dump();
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        faults += "\n";
        for (const auto& part : error.context)
            faults += part;
        faults += ": " + error.description;
    }
    return faults;
}

} // namespace medibridge::tests
