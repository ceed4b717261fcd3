#pragma once

#include "sandbox/his_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sandbox {

/// Appends a patient as the HIS shows them.
void append_his_patient(std::string& out, const HisPatient& patient);

/// Reads one patient, or an array of them, in the shape that the HIS shows, any part of which may
/// be left out. What is given changes the patient with that ipp; null removes a value. `majLe`
/// says when, else it is `now`. An `ipp` given here counts where the record has none.
/// Throws std::invalid_argument that says what is wrong with the text.
std::vector<HisDraft> read_his_patients(std::string_view json, const HisStore& store, Millis now,
                                        std::string_view ipp = {});

} // namespace medibridge::sandbox
