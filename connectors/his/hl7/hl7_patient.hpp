#pragma once

#include "connectors/his/hl7/hl7_message.hpp"
#include "reconcile/patient.hpp"

namespace medibridge::connectors::hl7 {

/// The person whom a PID segment describes, without identifier, time and place. Empty fields are
/// unknown, `""` is a field that was emptied (also in a component).
///
/// PID-5: type L (then B, M, none) is the birth name, D the usual name. PID-7: the day. PID-8: U, N
/// and A are unknown. PID-11: home (then P, L, C, none, M); a birthplace is no address. PID-13 and
/// PID-40: a mobile phone, then a private one, then others; e-mail wherever it stands. PID-29 or
/// PID-30: deceased. PID-32: all identity statuses, separated by spaces.
reconcile::SourceRecord read_person(const Segment& pid, const Leaves& leaves);

} // namespace medibridge::connectors::hl7
