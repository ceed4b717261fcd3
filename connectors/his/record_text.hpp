#pragma once

#include "reconcile/patient.hpp"

#include <string>
#include <string_view>

namespace medibridge::connectors {

/// A record as a text that record_from_text() reads again, for an inbox to seal. It holds personal
/// data in clear.
std::string record_text(const reconcile::SourceRecord& record);

/// Throws std::invalid_argument, without repeating anything, for what record_text() did not write.
reconcile::SourceRecord record_from_text(std::string_view text);

/// What is known of a patient once `later` has arrived after `earlier`: a field that `later` does
/// not speak of stays as it was, that the patient died or was merged included. `earlier` unchanged
/// where `later` is older in the HIS's own time.
reconcile::SourceRecord merged_record(const reconcile::SourceRecord& earlier,
                                      reconcile::SourceRecord later);

} // namespace medibridge::connectors
