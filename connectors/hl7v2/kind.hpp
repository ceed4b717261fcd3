#pragma once

#include "connectors/source/kind.hpp"

namespace medibridge::connectors {

/// `type: hl7v2`: ADT messages that are sent over MLLP.
const SourceKind& hl7v2_kind();

} // namespace medibridge::connectors
