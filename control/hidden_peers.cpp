#include "control/hidden_peers.hpp"

#include <system_error>

namespace medibridge::control {

std::string fault_of_peers(const std::filesystem::path& where) {
    if (where.empty())
        return std::string("the service's user namespace (PrivateUsers=yes) hides the machine's "
                           "users from it, and ") +
               peers_variable +
               " does not say where to ask: use the units of the package, or set PrivateUsers=no";
    std::error_code unknown;
    if (!std::filesystem::is_socket(where, unknown))
        return "there is no socket at " + where.string() +
               ", where medibridge-peers tells who the users are: systemctl restart "
               "medibridge-peers.socket";
    return {};
}

} // namespace medibridge::control
