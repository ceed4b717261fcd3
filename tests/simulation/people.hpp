#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/medicapp_store.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

/// A whole hospital in one thread and virtual time: the daemon's real rooms between a simulated
/// Medicapp and a simulated HIS, with a network, a disk and a process that fail as a story says.
namespace medibridge::simulation {

/// Stands in every last name, so that personal data is found wherever it must not be.
inline constexpr std::string_view planted_name = "Zquorra";

/// What is said of somebody, as Medicapp would hold it; empty: not known.
using Values = std::array<std::string, sandbox::medicapp_fields>;

/// The person of that number: nobody else shares a name or a birth date with them.
Values person(std::uint64_t number);

/// Another value of that field, told apart by `version`.
std::string other_value(sandbox::MedicappField field, std::uint64_t version);

/// The HIS's record of these values.
sandbox::HisDraft his_record(const Values& values);

/// The body of a POST or PUT with the known ones among the values.
std::string medicapp_body(const Values& values);

/// Names and birth date: what says who somebody is.
bool same_identity(const Values& a, const Values& b);

} // namespace medibridge::simulation
