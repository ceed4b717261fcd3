#pragma once

#include "connectors/hl7v2/repetition.hpp"
#include "reconcile/patient.hpp"

namespace medibridge::connectors::hl7 {

/// The person whom a PID segment describes, without identifier, time and place. Empty fields are
/// unknown, `""` is a field that was emptied (also in a component); a field that repeats is sent
/// whole, so that what it held before and does not hold any more is emptied (v2.5 §2.10).
///
/// PID-5: read_names(). PID-7: the day. PID-8: U, N and A are unknown. PID-11: read_address().
/// PID-13 and -40: read_telecom(). PID-29 or PID-30: deceased, or not any more. PID-32: all
/// identity statuses, separated by spaces.
reconcile::SourceRecord read_person(const Segment& pid, const FieldRules& rules);

} // namespace medibridge::connectors::hl7
