#pragma once

#include "connectors/medicapp/medicapp.hpp"

#include <optional>
#include <string>

namespace medibridge::connectors {

/// The JSON body of a POST: the externalId and every known field, and nothing else. Nothing if a
/// value is not UTF-8.
std::optional<std::string> create_body(const reconcile::Patient& patient);

/// The JSON body of a PUT: the fields to write, null for those to clear, and nothing else; parts
/// of the address stand in a nested object, as given. Nothing if a value to write is not known or
/// not UTF-8, or if there is no field at all.
///
/// Whether Medicapp merges a nested address or replaces it is not said. A caller that changes one
/// part of an address therefore names all the parts that it knows in `write`.
std::optional<std::string> update_body(const PatientUpdate& update);

} // namespace medibridge::connectors
