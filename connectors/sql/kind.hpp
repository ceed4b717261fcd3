#pragma once

#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

/// `type: sql`: rows of a database that has an ODBC driver.
const SourceKind& sql_kind();

} // namespace medibridge::connectors
