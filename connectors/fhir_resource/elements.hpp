#pragma once

#include "connectors/json/value.hpp"
#include "connectors/mapping/choice.hpp"
#include "reconcile/instant.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Which of several repetitions of an element of a FHIR R4 Patient counts. Pure.
namespace medibridge::connectors {

/// What a patient is judged against: `now` is the server's clock, or else this machine's.
struct FhirRules {
    std::string identifier_system;
    std::optional<reconcile::Instant> now;
    std::string region = "FR";    ///< ISO 3166-1: where phone numbers are dialled from
    bool all_identifiers = false; ///< FhirPatient::identifiers is wanted
};

/// An element's period (https://hl7.org/fhir/R4/datatypes.html#Period), both ends inclusive: a
/// partial date begins with its first moment and ends with its last one. An end that cannot be read
/// is open.
Period period_of(const JsonValue& element);

/// A patient's identifiers of one system (https://hl7.org/fhir/R4/datatypes.html#Identifier). The
/// current one is, of those that hold now and can be used as an externalId, the one whose use comes
/// first. Where that is said of several values, none of them is: their order says nothing.
struct FhirIdentifiers {
    std::string current;              ///< empty: none
    std::vector<std::string> former;  ///< `use=old`, other than the current one, each once
    std::vector<std::string> others;  ///< further usable ones, whatever their period, each once
    std::vector<std::string> numbers; ///< all of the system, whatever their use and period
    bool several = false;             ///< more than one value is current
    bool undecided = false;           ///< of several values none comes first
    bool unreadable = false;          ///< one of the system has no value that is a text
};
FhirIdentifiers identifiers_of(const JsonValue& patient, const FhirRules& rules);

/// A patient's names as FR Core writes them: `official` is the birth name, `usual` the one in use.
/// Without an official one `maiden` is the birth name (whose period may be over), then a name
/// without use, then any other but an old or anonymous one. Of those that hold now, the first one
/// that would be taken.
struct FhirNames {
    std::string_view birth;
    std::string_view usual;
    std::string_view given; ///< the first given name
};
FhirNames names_of(const JsonValue& patient, const FhirRules& rules);

/// The telephone number (a mobile one or one for text messages first, then by rank) or the e-mail
/// address that counts: never an old one, and of those that hold now the first one that would be
/// taken. Empty: none.
std::string_view phone_of(const JsonValue& patient, const FhirRules& rules);
std::string_view email_of(const JsonValue& patient, const FhirRules& rules);

/// The address that counts: at home first, a temporary one behind all others, a town alone behind
/// those, never an old one; of those that hold now the first one that would be taken: it has a
/// town, and all of it can be used. An absent value if there is none; a text alone is no address.
const JsonValue& address_of(const JsonValue& patient, const FhirRules& rules);
/// An address' lines in one, comma-separated.
std::string street_of(const JsonValue& address);

/// The status in the identity-reliability extension of FR Core (HL7 table 0445: `VALI`, `PROV`);
/// empty: none is given.
std::string_view identity_status_of(const JsonValue& patient);

/// Whether every part that the address gives can be used.
bool is_usable_address(const JsonValue& address);

} // namespace medibridge::connectors
