#pragma once

#include "sandbox/his_store.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// The system of the HIS's identifiers in FHIR.
inline constexpr std::string_view fhir_identifier_system = "urn:oid:1.2.250.1.999.1.1";

/// The id of a patient's resource. It says nothing of the patient, and is never used again.
std::string fhir_id(Slot slot);
std::optional<Slot> slot_of(std::string_view fhir_id);

/// Appends a patient as a FHIR R4 resource after the French profile FR Core. A patient who was
/// merged has a link to the survivor, if the store has one.
void append_fhir_patient(std::string& out, Slot slot, const HisPatient& patient,
                         const HisStore& store);

/// An OperationOutcome with one issue.
std::string operation_outcome(std::string_view severity, std::string_view code,
                              std::string_view diagnostics);

} // namespace medibridge::sandbox
