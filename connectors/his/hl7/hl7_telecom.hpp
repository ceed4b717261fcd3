#pragma once

#include "connectors/his/hl7/hl7_message.hpp"
#include "reconcile/patient.hpp"

namespace medibridge::connectors::hl7 {

/// The phone and the e-mail address to reach a patient at.
class Telecom {
  public:
    reconcile::FieldValue phone;
    reconcile::FieldValue email;

    bool says_nothing() const { return phone.is_unknown() && email.is_unknown(); }
};

/// A field of type XTN that repeats, phones and e-mail addresses mixed. `""` for the whole field
/// clears both; in one repetition, what that repetition is for, unless another has it.
///
/// Phones: mobile (XTN-3 `CP`) before private (`PRN`, `PRS`) before any other; faxes, pagers,
/// modems, devices for the deaf, and numbers of others (`EMR`) or of a workplace (`WPN`) are left
/// out. The number is XTN-1 or, where that is empty, XTN-12, or XTN-5 to 7. E-mail: XTN-4, or an
/// XTN-1 with an `@`.
Telecom read_telecom(std::string_view field, const Leaves& leaves);

} // namespace medibridge::connectors::hl7
