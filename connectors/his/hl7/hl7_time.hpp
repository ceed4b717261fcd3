#pragma once

#include "connectors/his/time_zone.hpp"
#include "reconcile/instant.hpp"
#include "reconcile/patient.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors::hl7 {

/// A moment in HL7's form (v2.5 §2.A.22), `YYYYMMDDHHMM[SS[.S…]][±ZZZZ]`, on the clock of `zone`
/// where it has no offset. Nothing for anything else: a time without minutes orders nothing.
std::optional<reconcile::Instant> read_time(std::string_view text, const TimeZone& zone);

/// A birth date: the day of `YYYYMMDD`, alone or with a time behind it, never converted. A partial
/// date is unreadable, and so is any other text; an empty one is unknown.
reconcile::FieldValue read_birth_date(std::string_view text);

/// `YYYYMMDDHHMMSS+0000`, in UTC.
std::string time_text(reconcile::Instant instant);

} // namespace medibridge::connectors::hl7
