#pragma once

#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

/// `type: ndjson`: a file with a JSON object a line. No part of the program: it shows what a new
/// kind takes (docs/adding-a-source.md).
const SourceKind& ndjson_kind();

} // namespace medibridge::connectors
