#pragma once

#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

/// `type: rest`: patients as JSON over HTTP, page by page.
const SourceKind& rest_kind();

} // namespace medibridge::connectors
