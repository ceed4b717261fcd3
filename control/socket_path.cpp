#include "control/socket_path.hpp"

namespace medibridge::control {

std::filesystem::path socket_path(const config::Settings& settings,
                                  const std::string& runtime_directory) {
    constexpr const char* file_name = "control.sock";
    if (!settings.control_socket.empty()) return settings.control_socket;
    const auto first = runtime_directory.substr(0, runtime_directory.find(':'));
    if (!first.empty()) return std::filesystem::path(first) / file_name;
    return std::filesystem::absolute(settings.state.path).parent_path() / file_name;
}

} // namespace medibridge::control
