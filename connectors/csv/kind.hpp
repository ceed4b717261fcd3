#pragma once

#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

/// `type: csv`: files with a row for each patient that are dropped into a folder.
const SourceKind& csv_kind();

} // namespace medibridge::connectors
