#include "connectors/fhir/capability.hpp"

#include "connectors/json/value.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors {
namespace {

bool is_wanted(std::string_view name, std::size_t) {
    static constexpr std::array<std::string_view, 8> wanted = {
        "resourceType", "rest", "mode", "resource", "type", "searchParam", "interaction", "name"};
    return name == "code" || std::ranges::find(wanted, name) != wanted.end();
}

bool has(const JsonValue& list, std::string_view member, std::string_view text) {
    return std::ranges::any_of(list.items(),
                               [&](const JsonValue& item) { return item[member].text() == text; });
}

} // namespace

std::optional<FhirCapability> read_fhir_capability(std::string_view body) {
    JsonShape shape;
    shape.keep = is_wanted;
    const auto document = read_json(body, shape);
    if (!document.fault.empty() || document.root["resourceType"].text() != "CapabilityStatement")
        return std::nullopt;
    for (const auto& rest : document.root["rest"].items()) {
        if (rest["mode"].text() == "client") continue;
        for (const auto& resource : rest["resource"].items()) {
            if (resource["type"].text() != "Patient") continue;
            // Parameters of all types may stand beside the types.
            const auto searches = [&](std::string_view name) {
                return has(resource["searchParam"], "name", name) ||
                       has(rest["searchParam"], "name", name);
            };
            FhirCapability capability;
            capability.last_updated = searches("_lastUpdated");
            capability.sort = searches("_sort");
            capability.history_of_type = has(resource["interaction"], "code", "history-type");
            capability.history_of_each = has(resource["interaction"], "code", "history-instance");
            return capability;
        }
    }
    return std::nullopt;
}

} // namespace medibridge::connectors
