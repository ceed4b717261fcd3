#include "connectors/fhir/server.hpp"
#include "connectors/fhir_resource/bundle.hpp"
#include "connectors/json/page.hpp"
#include "connectors/medicapp/answers.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <stdexcept>

namespace medibridge::fuzz {

using namespace connectors;

namespace {

void show(std::string& all, std::optional<std::span<const RawValue>> values) {
    all += values ? "{" : "-";
    if (!values) return;
    for (const auto& value : *values)
        all += static_cast<char>('a' + static_cast<int>(value.kind)) + value.text + ",";
}

/// Up to the next line feed.
std::string take_line(std::string_view& bytes) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    std::string line(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    return line;
}

} // namespace

void read_medicapp_json(std::string_view bytes) {
    if (const auto page = read_page(bytes)) {
        require(page->patients.size() <= most_patients_a_page);
        for (const auto& patient : page->patients)
            require(is_usable_id(patient.id));
    }
    read_patient(bytes);
    const auto error = read_error(bytes);
    if (error) require(error->code.size() <= 64 && error->request_id.size() <= 64);
}

void read_fhir_json(std::string_view bytes) {
    constexpr std::size_t most = 100;
    static const FhirRules rules = [] {
        FhirRules its;
        its.identifier_system = "urn:oid:1.2.250.1.999.1.1";
        return its;
    }();
    const auto search = read_fhir_bundle(bytes, FhirBundleKind::search, rules, "record ", most);
    require(search.patients.size() <= most && search.patients.size() == search.entries);
    const auto history = read_fhir_bundle(bytes, FhirBundleKind::history, rules, "record ", most);
    require(history.versions.size() <= most);
    read_fhir_capability(bytes);
}

/// Three lines are JSON pointers; the rest is the document. Records come alike at once and in
/// portions.
void read_json_records(std::string_view bytes) {
    const bool has_pointers = bytes.starts_with('/') || bytes.starts_with('\n');
    const auto list = has_pointers ? take_line(bytes) : "/entry";
    const std::vector<std::string> document{has_pointers ? take_line(bytes) : "/link/0/url"};
    const std::vector<std::string> record{has_pointers ? take_line(bytes) : "/resource/id",
                                          "/resource/birthDate"};
    std::optional<JsonOutline> outline;
    try {
        outline.emplace(list, document, record);
    } catch (const std::invalid_argument&) {
        return;
    }
    std::string at_once;
    const auto page = read_json_page(
        bytes, *outline, [&](std::optional<std::span<const RawValue>> it) { show(at_once, it); });
    if (page.fault) return;
    std::string in_portions;
    JsonRecords records(std::string(bytes), *outline, page);
    while (!records.at_end())
        records.read(2,
                     [&](std::optional<std::span<const RawValue>> it) { show(in_portions, it); });
    require(at_once == in_portions);
}

} // namespace medibridge::fuzz
