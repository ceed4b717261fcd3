#pragma once

#include "connectors/hl7v2/repetition.hpp"
#include "reconcile/patient.hpp"

namespace medibridge::connectors::hl7 {

/// PID-5, of type XPN. L, else B, M or no type, is the birth name, D the usual one; each is chosen
/// after validating, among those that hold now (XPN-10, -12, -13). Where names are sent, they are
/// sent whole: without a usual one there is none any more.
void read_names(std::string_view field, const FieldRules& rules, reconcile::SourceRecord& record);

/// The whole surname (FN, v2.5 §2.A.30): FN-1, which holds all of it; where it does not, with the
/// own prefix (FN-2) before it, which without FN-3 must be a usual one (de, la, van, …); where it
/// is empty, prefix and own surname (FN-3).
reconcile::FieldValue family_name(const Repetition& name);

} // namespace medibridge::connectors::hl7
