#pragma once

#include "connectors/fhir_resource/patient.hpp"
#include "connectors/mapping/record_mapping.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// Warnings and errors beside the data (https://hl7.org/fhir/R4/operationoutcome.html). Only codes
/// are kept: diagnostics and details may hold personal data.
class FhirOutcome {
  public:
    FhirOutcome() = default;

    /// Takes the issues of an OperationOutcome.
    void add(const JsonValue& resource);

    std::set<std::string> warnings; ///< codes
    std::string error;              ///< the code of the first error; empty: none
    bool passing = false;           ///< that error may go by itself
    bool shifted = false;           ///< the list moved while it was paged
};

/// One version of a patient in a history (https://hl7.org/fhir/R4/http.html#history).
class FhirVersion {
  public:
    FhirVersion() = default;

    std::string id; ///< the resource's
    bool deleted = false;
    std::optional<reconcile::Instant> at;
    std::string external_id; ///< empty: this version does not say it
};

/// A page of a list of patients, or of a history.
class FhirBundle {
  public:
    FhirBundle() = default;

    std::size_t entries = 0;           ///< but for those that only say how the search went
    std::size_t matches = 0;           ///< of the entries; others were included with them
    std::vector<FhirPatient> patients; ///< of a search
    std::vector<FhirVersion> versions; ///< of a history
    std::optional<std::int64_t> total;
    std::string next; ///< the link; empty: none
    FhirOutcome outcome;
    PageFaults faults;
    /// Why it cannot be used, without any of its text; empty: it can. The outcome counts even so.
    std::string fault;
};

enum class FhirBundleKind : std::uint8_t { search, history };

/// Reads a page of at most `most` entries; one with more has a fault. Skips entries that are no
/// Patient and were not searched for. An entry that cannot be read becomes a record that holds only
/// its place. `prefix` begins the places: `page 3, record
/// `. Never throws, whatever the text.
FhirBundle read_fhir_bundle(std::string_view body, FhirBundleKind kind, const FhirRules& rules,
                            const std::string& prefix, std::size_t most = 20'000);

/// The id of a Patient from `Patient/ID`, `Patient/ID/_history/V`, or the same behind an address;
/// empty: it is no such reference.
std::string_view patient_id_of(std::string_view reference);

} // namespace medibridge::connectors
