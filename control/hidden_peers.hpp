#pragma once

#include <filesystem>
#include <string>

namespace medibridge::control {

/// Names the socket of medibridge-peers to a service whose user namespace hides users. The units
/// set it; empty or not set: there is none.
inline constexpr const char* peers_variable = "MEDIBRIDGE_PEERS";

/// For an operator: why those whom the service's user namespace hides cannot be told, and what to
/// do about it; empty: medibridge-peers can be asked at `where`.
std::string fault_of_peers(const std::filesystem::path& where);

} // namespace medibridge::control
