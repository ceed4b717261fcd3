#pragma once

#include "sync/core/inquiry.hpp"

#include <string>

/// Decisions by which a linked patient, whom the HIS says to go on under the record's externalId,
/// would be in Medicapp twice.
namespace medibridge::sync {

/// Whether the record describes Inquiry::former. A change of the identifier says so, unless the
/// traits say otherwise: in what a chain of changes left behind, it may be about somebody else.
bool describes_former(const Rules& rules, const Inquiry& now);

/// Whether the decision would make another Medicapp patient into them.
bool doubles(const Inquiry& now, DecisionKind kind);

/// Why it is refused then, in words for an operator.
std::string why_doubled(const Inquiry& now);

} // namespace medibridge::sync
