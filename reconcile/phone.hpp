#pragma once

#include "reconcile/text.hpp"

namespace medibridge::reconcile {

/// A phone number in E.164, as it is dialled from `region` (ISO 3166-1) where it has no country
/// code. Refused: what libphonenumber's rules for the number's country do not allow; numbers with
/// an extension (E.164 has none, and the number without it is somebody else's); words before
/// or after (`maman 06…`), except for a label such as `Tél.` before it; letters among the digits (a
/// vanity number is not a patient's); a question mark; several numbers; a number that a float
/// changed.
///
/// The French numbering plan covers the mainland and the overseas departments, which have country
/// codes of their own: 0690… becomes +590690…, in whichever of these regions it is dialled, and
/// also where it was written +33690….
Normal normal_phone(std::string_view text, std::string_view region);
/// The same without the short way for common French numbers: the reference for tests.
Normal normal_phone_by_library(std::string_view text, std::string_view region);

} // namespace medibridge::reconcile
