#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace medibridge::ctl {

/// Of a socket's path in bytes: sun_path's size, less the final zero.
inline constexpr std::size_t longest_socket_path = 107;

/// Where the daemon may listen, the likeliest first; never empty. The text: what is wrong with the
/// configuration, which must be in order if it is no service's.
///
/// `socket` alone if it is given; else the configuration's `control.socket`; else `control.sock` in
/// $RUNTIME_DIRECTORY and beside the state file. With the default configuration the service's own
/// place, /run/medibridge, counts too: an operator's shell has no $RUNTIME_DIRECTORY. Of the
/// configuration only the two keys are read: its secrets are not for every operator.
std::expected<std::vector<std::filesystem::path>, std::string>
socket_places(const std::string& socket, const std::filesystem::path& config,
              const std::function<std::optional<std::string>(const std::string&)>& environment);

/// The state's file, as the configuration names it; the text: why it is not known.
std::expected<std::filesystem::path, std::string>
configured_state(const std::filesystem::path& config,
                 const std::function<std::optional<std::string>(const std::string&)>& environment);

/// Groups of this user, by number.
struct Groups {
    std::set<unsigned> of_session; ///< as this process has them
    std::set<unsigned> given;      ///< those, and what the user database has by now
};
Groups own_groups();

/// Why nobody could be reached at these places, for which connect(2) gave these errors: one
/// sentence, and what to do.
struct Attempt {
    std::filesystem::path socket;
    int error = 0;
};
std::string unreachable_text(const std::vector<Attempt>& attempts,
                             const Groups& groups = own_groups());

} // namespace medibridge::ctl
