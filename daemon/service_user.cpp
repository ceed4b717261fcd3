#include "daemon/service_user.hpp"

#include "config/exposure.hpp"
#include "config/load.hpp"
#include "config/secret.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/local_files.hpp"
#include "daemon/telling.hpp"

#include <exception>
#include <iostream>
#include <optional>
#include <pwd.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace medibridge::daemon {

namespace {

/// Of /usr/lib/sysusers.d/medibridge.conf, where the state's folder is not there yet.
constexpr const char* usual_user = "medibridge";

struct User {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
};

std::optional<User> service_user(const config::Settings& settings) {
    struct stat folder{};
    if (::stat(config::folder_of(settings.state.path).c_str(), &folder) == 0)
        return User{folder.st_uid, folder.st_gid, user_name(folder.st_uid)};
    const passwd* const entry = ::getpwnam(usual_user);
    if (entry == nullptr) return std::nullopt;
    return User{entry->pw_uid, entry->pw_gid, usual_user};
}

/// In the process that has become the user.
ExitCode look(const CommandLine& arguments, const User& user) {
    const auto loaded = config::load(arguments.config, config::process_environment(),
                                     connectors::source_kinds(), config::ReadFor::check);
    auto result = ExitCode::ok;
    for (const auto& mistake : loaded.mistakes) {
        const auto text = mistake.to_string();
        if (text.find(config::of_credentials_directory) != std::string::npos) continue;
        tell_error(text + " (for " + user.name + ", the user that the service runs as)");
        result = ExitCode::configuration;
    }
    return result;
}

ExitCode look_as(const CommandLine& arguments, const User& user) noexcept {
    try {
        become(user.uid, user.gid, user.name);
        return look(arguments, user);
    } catch (const std::exception& failure) {
        tell_error(std::string("medibridged: ") + failure.what());
        return ExitCode::internal;
    }
}

} // namespace

std::string check_with_credentials(const std::filesystem::path& config) {
    return "sudo env CREDENTIALS_DIRECTORY=" + usual_credentials(config).string() +
           " medibridged --check-config --config " + config.string();
}

ExitCode check_for_service_user(const CommandLine& arguments, const config::Settings& settings) {
    if (::geteuid() != 0) return ExitCode::ok;
    const auto user = service_user(settings);
    if (!user || user->uid == 0) return ExitCode::ok;
    std::cout.flush();
    const pid_t child = ::fork();
    if (child == 0) {
        const auto result = look_as(arguments, *user);
        std::cerr.flush();
        ::_exit(static_cast<int>(result));
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return ExitCode::internal;
    return static_cast<ExitCode>(WEXITSTATUS(status));
}

} // namespace medibridge::daemon
