#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace medibridge::files {

/// The number as which the kernel shows a user to a process whose user namespace does not map them
/// (user_namespaces(7)); systemd's `PrivateUsers=yes` maps root and the service's user alone.
inline constexpr std::uint32_t overflow_user = 65534;

/// Whether whom this process sees under that number may be anybody whom its user namespace does not
/// map. False as well where that cannot be found out.
bool is_hidden_user(std::uint32_t uid);

/// The same of a process whose /proc/self/uid_map has that text.
bool is_hidden_user(std::uint32_t uid, std::string_view uid_map);

/// For an operator, of whoever owns a file: `the user 1001`, or that this process cannot see who.
std::string owner_text(std::uint32_t uid);

} // namespace medibridge::files
