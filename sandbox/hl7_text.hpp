#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/times.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sandbox {

/// Who gives the identifiers in the simulated HIS's messages.
inline constexpr std::string_view hl7_authority = "1.2.250.1.999.1";

/// The message with which the simulated HIS tells how a patient is now: A28 the first time, A31
/// later, A40 once merged. Version 2.5, UTF-8, times of Paris.
/// `control` numbers it (MSH-10), `now` dates it.
std::string adt_message(const HisPatient& patient, bool first, std::uint64_t control, Millis now);

/// The same for one who was deleted: A29.
std::string removal_message(std::string_view ipp, std::uint64_t control, Millis now);

/// The messages of a file, as views into it: each begins with MSH at the beginning of a line (CR or
/// LF). Envelopes of batches and marks of MLLP are left out.
std::vector<std::string_view> hl7_messages(std::string_view file);

} // namespace medibridge::sandbox
