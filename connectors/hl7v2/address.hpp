#pragma once

#include "connectors/hl7v2/repetition.hpp"
#include "reconcile/patient.hpp"

namespace medibridge::connectors::hl7 {

/// PID-11, of type XAD: all parts of one address, the one where somebody lives: home (H), then P,
/// L, C, no type, M, a temporary one (XAD-16) behind all others. Types (table 0190) of other
/// places, such as birthplaces and bad addresses (BDL, N, F, BA, …), and those with a bad address
/// indicator (XAD-17) or an expiration reason (XAD-15) are none; a country alone is none either.
///
/// Chosen after validating, among those that hold now (XAD-12 to -14). The street is XAD-1, or
/// house number and street name (SAD-3, SAD-2), with XAD-2 behind it. If an address was sent and
/// none is left, the former one is emptied. An address of which a part cannot be used is refused
/// whole.
void read_address(std::string_view field, const FieldRules& rules, reconcile::Patient& patient);

} // namespace medibridge::connectors::hl7
