#include "connectors/medicapp/paths.hpp"

#include "base/bytes/encode.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace medibridge::connectors {
namespace {

void append_time(std::string& target, std::string_view name,
                 const std::optional<reconcile::Instant>& time, reconcile::Precision precision) {
    if (!time) return;
    target += name;
    target += base::percent_encode(reconcile::format_rfc3339(*time, precision));
}

} // namespace

std::string list_path(const ListQuery& query) {
    constexpr std::int64_t largest_page = 100;
    std::string path(patients_path);
    path += "?page=" + std::to_string(std::max<std::int64_t>(query.page, 1));
    path +=
        "&per_page=" + std::to_string(std::clamp<std::int64_t>(query.per_page, 1, largest_page));
    append_time(path, "&created_after=", query.created_after, query.precision);
    append_time(path, "&modified_after=", query.modified_after, query.precision);
    return path;
}

std::string patient_path(const std::string& id) {
    std::string path(patients_path);
    path += '/';
    path += base::percent_encode(id);
    return path;
}

std::string with_fhir_template(std::string path) {
    path += path.find('?') == std::string::npos ? '?' : '&';
    return path += fhir_template;
}

std::string linked_path(std::string_view link, std::string_view base_path) {
    if (const auto scheme = link.find("://"); scheme != std::string_view::npos)
        link.remove_prefix(std::min(link.find('/', scheme + 3), link.size()));
    const bool printable = std::ranges::all_of(link, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!printable || !link.starts_with(base_path)) return {};
    link.remove_prefix(base_path.size());
    if (!link.starts_with(patients_path)) return {};
    const auto query = link.substr(patients_path.size());
    if (!query.starts_with('?') || query.find('#') != std::string_view::npos) return {};
    const bool asks_for_fhir = query.find(fhir_template) != std::string_view::npos;
    return asks_for_fhir ? std::string(link) : with_fhir_template(std::string(link));
}

} // namespace medibridge::connectors
