#pragma once

#include "connectors/his/json_value.hpp"
#include "reconcile/instant.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which of several repetitions of an element of a FHIR R4 Patient counts. Pure.
namespace medibridge::connectors {

/// What a patient is judged against: `now` is the server's clock, if it shows one.
struct FhirRules {
    std::string identifier_system;
    std::optional<reconcile::Instant> now;
};

/// A patient's identifiers of one system (https://hl7.org/fhir/R4/datatypes.html#Identifier).
struct FhirIdentifiers {
    std::string current;             ///< empty: none
    std::vector<std::string> former; ///< `use=old`, other than the current one, each once
    bool several = false;            ///< more than one value is current
    bool unreadable = false;         ///< one of the system has no value that is a text
};
FhirIdentifiers identifiers_of(const JsonValue& patient, const FhirRules& rules);

/// A patient's names as FR Core writes them: `official` is the birth name, `usual` the one in use.
/// Without an official one `maiden` is the birth name, then a name without use, then any other.
struct FhirNames {
    std::string_view birth;
    std::string_view usual;
    std::string_view given; ///< the first given name
};
FhirNames names_of(const JsonValue& patient, const FhirRules& rules);

/// The value of the telephone (a mobile one first, then by rank) or e-mail address that counts.
/// Empty: none.
std::string_view telecom_of(const JsonValue& patient, std::string_view system,
                            const FhirRules& rules);

/// The address that counts: at home first, never an old one; an absent value if there is none.
const JsonValue& address_of(const JsonValue& patient, const FhirRules& rules);
/// An address' lines in one, comma-separated.
std::string street_of(const JsonValue& address);

/// The status in the identity-reliability extension of FR Core (HL7 table 0445: `VALI`, `PROV`);
/// empty: none is given.
std::string_view identity_status_of(const JsonValue& patient);

/// Whether an element's period ended before `now`. A partial date ends with its last day.
bool is_over(const JsonValue& element, std::optional<reconcile::Instant> now);

} // namespace medibridge::connectors
