#pragma once

#include "reconcile/patient.hpp"

#include <string>
#include <string_view>

namespace medibridge::connectors {

/// A record as a text that record_from_text() reads again, for an inbox to seal. It holds personal
/// data in clear. Texts of former versions, which said less, are read too.
std::string record_text(const reconcile::SourceRecord& record);

/// Throws std::invalid_argument, without repeating anything, for what record_text() did not write.
reconcile::SourceRecord record_from_text(std::string_view text);

} // namespace medibridge::connectors
