#pragma once

#include "sandbox/medicapp_store.hpp"
#include "sandbox/settings.hpp"

#include <string>
#include <vector>

/// Medicapp's patients as FHIR R4 resources, in each form that its announcement of `template=FHIR`
/// leaves open.
namespace medibridge::sandbox {

inline constexpr std::string_view medicapp_external_id_system =
    "https://medicapp.example/fhir/externalId";
inline constexpr std::string_view medicapp_id_system = "https://medicapp.example/fhir/patient-id";

void append_medicapp_resource(std::string& out, const MedicappSwitches& switches,
                              const MedicappStore& store, Slot slot, bool with_address);

/// A page of the list.
struct FhirPage {
    std::vector<Slot> slots;
    std::size_t number = 1;
    std::size_t per_page = 0;
    std::size_t total = 0;
    std::string query; ///< of the request
};
std::string medicapp_fhir_page(const MedicappSwitches& switches, const MedicappStore& store,
                               const FhirPage& page);

/// The query that a link of Template::links stands for; as it is, if it is none.
std::string query_of_link(std::string_view query);

} // namespace medibridge::sandbox
