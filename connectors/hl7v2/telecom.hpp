#pragma once

#include "connectors/hl7v2/repetition.hpp"
#include "reconcile/patient.hpp"

namespace medibridge::connectors::hl7 {

/// PID-13 and PID-40, of type XTN: phones and e-mail addresses mixed. Each list is sent whole: what
/// was said before and is in none of them any more is emptied, and so is all by `""`. Neither sent:
/// nothing is said.
///
/// Phones: mobile (XTN-3 `CP`) before private (`PRN`, `PRS`) before any other, then by XTN-18;
/// faxes, pagers, modems, devices for the deaf, and numbers of others (`EMR`) or of a workplace
/// (`WPN`) are left out, and so is what has an expiration reason (XTN-15) without a date. The
/// number is XTN-1 or, where that is empty, XTN-12, or XTN-5 to 7; with an extension (XTN-8) it is
/// none. E-mail: XTN-4, or an XTN-1 with an `@`. Of both the first counts that is valid, among
/// those that hold now (XTN-13, -14).
void read_telecom(std::string_view list, std::string_view more, const FieldRules& rules,
                  reconcile::Patient& patient);

} // namespace medibridge::connectors::hl7
