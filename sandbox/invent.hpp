#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/medicapp_store.hpp"
#include "sandbox/random.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace medibridge::sandbox {

/// The n-th invented patient of a seed: French, with the oddities of a real hospital's file.
/// `invalid_share` of them lack a birth date or a name, or were born on a day that never was.
/// E-mail addresses are at example.org and example.fr. Most telephone numbers are from the ranges
/// that ARCEP keeps for fiction; in a few of those a checking library does not believe.
HisDraft invented(std::uint64_t seed, std::uint64_t n, double invalid_share);

/// When the n-th patient of a seed was last modified: in the first half of 2025, often together
/// with others.
Millis invented_time(std::uint64_t seed, std::uint64_t n);

/// Changes a telephone number, an e-mail address or a street, of an address that is whole then;
/// returns the HIS's name of what was
/// changed. The time is left alone.
const char* edit(HisDraft& draft, Random& random);

/// The same for Medicapp, in the forms that it takes. `buffer` must outlive the views.
void edit(MedicappTexts::Views& texts, Random& random, std::string& buffer);

/// What Medicapp would hold of a HIS patient; nothing if the patient lacks what it requires.
std::optional<MedicappTexts::Views> medicapp_view(const HisPatient& patient, std::string& buffer);

} // namespace medibridge::sandbox
