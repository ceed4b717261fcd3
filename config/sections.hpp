#pragma once

#include "config/section.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>
#include <vector>

/// Readers of the file's sections. Each reports what is wrong and fills in the rest.
namespace medibridge::config {

void read_medicapp(const Value& value, Report& report, MedicappSettings& out);
void read_sync(const Value& value, Report& report, SyncSettings& out);
void read_authority(const Value& value, Report& report, reconcile::Policy& out);
void read_identity(const Value& value, Report& report, reconcile::IdentityPolicy& out);
void read_state(const Value& value, Report& report, StateSettings& out);
void read_log(const Value& value, Report& report, LogSettings& out);

/// The list of sources.
void read_his(const Value& value, Report& report, std::vector<SourceSettings>& out);
void read_rest_source(Section& section, RestSource& out);
void read_fhir_source(Section& section, FhirSource& out);
void read_sql_source(Section& section, SqlSource& out);
void read_csv_source(Section& section, CsvSource& out);
void read_hl7_source(Section& section, Hl7Source& out);
void read_auth(const Value& value, Report& report, Auth& out);
void read_fhir_auth(const Value& value, Report& report, FhirAuth& out);

/// A JSON pointer to something inside the document (RFC 6901).
std::optional<std::string> read_pointer(const Value& value, Report& report);

/// What the places of a type's fields are, and how one is read.
struct PlaceKind {
    std::string_view name; ///< `the JSON pointer`
    std::optional<std::string> (*read)(const Value&, Report&);
};
inline constexpr PlaceKind json_pointers{"the JSON pointer", read_pointer};

void read_fields(const Value& value, Report& report, FieldPlaces& out,
                 const PlaceKind& places = json_pointers);

/// `safety`, of a source whose fields are mapped: which of the facts that keep a patient out of
/// Medicapp the HIS does not have. Gives the facts that are neither mapped nor said to be missing,
/// and advises to do one of both. `name` is the source's.
std::vector<std::string> read_safety(Section& section, const FieldPlaces& fields,
                                     const std::string& name);

} // namespace medibridge::config
