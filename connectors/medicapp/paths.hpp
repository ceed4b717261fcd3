#pragma once

#include "connectors/medicapp/values.hpp"

#include <string>
#include <string_view>

/// Where Medicapp's patients are, behind the path that the configuration names.
namespace medibridge::connectors {

inline constexpr std::string_view patients_path = "/patients";
/// What asks for FHIR, in a target.
inline constexpr std::string_view fhir_template = "template=FHIR";

std::string list_path(const ListQuery& query);
std::string patient_path(const std::string& id);
/// The path, asked for in FHIR.
std::string with_fhir_template(std::string path);

/// The path of the next page, from the link of a page: an address or a path, of which the host does
/// not count, as no other one is asked. Empty: it leads elsewhere than to the list. `base_path` is
/// what stands before `/patients`.
std::string linked_path(std::string_view link, std::string_view base_path);

} // namespace medibridge::connectors
