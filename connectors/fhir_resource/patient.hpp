#pragma once

#include "connectors/fhir_resource/elements.hpp"
#include "connectors/json/value.hpp"
#include "connectors/mapping/record_mapping.hpp"
#include "reconcile/patient.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// A link to another Patient (https://hl7.org/fhir/R4/patient-definitions.html#Patient.link).
class FhirLink {
  public:
    FhirLink() = default;

    std::string reference;   ///< as it is written; empty: none
    std::string external_id; ///< where the link itself says who it is; empty: it does not
};

class FhirIdentifier {
  public:
    FhirIdentifier() = default;

    std::string system;
    std::string value;
};

/// A FHIR R4 Patient in canonical form.
class FhirPatient {
  public:
    FhirPatient() = default;

    std::string id; ///< the resource's; empty: none
    reconcile::SourceRecord record;
    reconcile::Precision precision = reconcile::Precision::seconds; ///< of meta.lastUpdated
    std::vector<std::string> former;                                ///< identifiers once its own
    std::vector<std::string> others; ///< further identifiers of the system; see FhirIdentifiers
    std::vector<std::string>
        numbers; ///< all identifiers of the system, whatever their use and period
    std::vector<FhirIdentifier> identifiers; ///< of every system, if the rules ask for them
    std::vector<FhirLink> replaced_by;
    std::vector<FhirLink> replaces;
    std::vector<MappingFault> faults;
};

/// Maps a Patient. Never throws, whatever the document. If a retired patient (inactive, or replaced
/// by another one) has only an old identifier, that is the externalId.
FhirPatient map_fhir_patient(const JsonValue& patient, const FhirRules& rules, std::string place);

/// Whether a patient is inactive, or says that another one replaces it.
bool is_retired(const FhirPatient& patient);

/// Whether the patient has the number, and did not give it up: as its externalId or, if it cannot
/// be told which number that is, as one of several.
bool goes_by(const FhirPatient& patient, std::string_view external_id);

/// Which members of a Patient are kept when it is read; `depth` counts the objects around them
/// within the resource.
bool is_wanted_of_patient(std::string_view name, std::size_t depth);

} // namespace medibridge::connectors
