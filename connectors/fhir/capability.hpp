#pragma once

#include <optional>
#include <string_view>

namespace medibridge::connectors {

/// What a server says that it can do with patients
/// (https://hl7.org/fhir/R4/capabilitystatement.html).
struct FhirCapability {
    bool last_updated = true;     ///< search by `_lastUpdated`
    bool sort = false;            ///< `_sort` in a search
    bool history_of_type = false; ///< `GET Patient/_history`
    bool history_of_each = false; ///< `GET Patient/ID/_history`
};

/// Reads a CapabilityStatement. Nothing if it is none, or does not speak of patients.
std::optional<FhirCapability> read_fhir_capability(std::string_view body);

} // namespace medibridge::connectors
