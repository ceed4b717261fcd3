#pragma once

#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

/// `type: fhir`: patients of a FHIR R4 server.
const SourceKind& fhir_kind();

} // namespace medibridge::connectors
