#pragma once

#include "config/source_kind.hpp"

namespace medibridge::connectors {

/// Every kind of source that there is; connectors::make_source() makes sources of what they read.
const config::SourceKinds& source_kinds();

} // namespace medibridge::connectors
