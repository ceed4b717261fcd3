#include "control/socket_path.hpp"

namespace medibridge::control {

std::filesystem::path socket_path(const config::Settings& settings,
                                  const std::string& runtime_directory) {
    constexpr const char* file_name = "control.sock";
    if (!settings.control.socket.empty()) return settings.control.socket;
    const auto first = runtime_directory.substr(0, runtime_directory.find(':'));
    if (!first.empty()) return std::filesystem::path(first) / file_name;
    return std::filesystem::absolute(settings.state.path).parent_path() / file_name;
}

} // namespace medibridge::control
