#include "daemon/local_files.hpp"

#include "config/load.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/failures.hpp"
#include "state/sqlite_store.hpp"

#include <cerrno>
#include <chrono>
#include <exception>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::daemon {

namespace fs = std::filesystem;

namespace {

/// What LoadCredential= in medibridge.service names.
constexpr const char* credentials = "/etc/medibridge/credentials";

/// What a failure of the state means, as an exception of this room's.
template <class Job>
auto or_local_failure(const std::string& before, Job&& job) {
    try {
        return std::forward<Job>(job)();
    } catch (...) {
        const auto what = describe(std::current_exception());
        throw LocalFailure(what.exit, before + what.text);
    }
}

} // namespace

std::string user_name(uid_t uid) {
    const passwd* const entry = ::getpwuid(uid);
    return entry != nullptr ? std::string(entry->pw_name) : std::to_string(uid);
}

/// Groups first: afterwards it has no right to change them.
void become(uid_t uid, gid_t gid, const std::string& name) {
    const bool has_name = name != std::to_string(uid);
    const bool groups =
        has_name ? ::initgroups(name.c_str(), gid) == 0 : ::setgroups(0, nullptr) == 0;
    if (!groups || ::setresgid(gid, gid, gid) != 0 || ::setresuid(uid, uid, uid) != 0)
        throw LocalFailure(ExitCode::incomplete, "cannot become the user " + name + ": " +
                                                     std::generic_category().message(errno));
}

config::Settings load_local_settings(
    const fs::path& config,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
    const auto around = [&](const std::string& name) {
        auto value = environment(name);
        std::error_code error;
        if (!value && name == "CREDENTIALS_DIRECTORY" && fs::is_directory(credentials, error))
            value = credentials;
        return value;
    };
    auto loaded = config::load(config, around, connectors::source_kinds());
    if (loaded.settings) return std::move(*loaded.settings);
    std::string text;
    for (const auto& mistake : loaded.mistakes)
        text += (text.empty() ? "" : "\n") + mistake.to_string();
    throw LocalFailure(ExitCode::configuration, text);
}

std::string become_owner_of(const fs::path& state_file) {
    const auto folder = fs::absolute(state_file).parent_path();
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0)
        throw LocalFailure(ExitCode::incomplete,
                           "no daemon runs, and the state's folder " + folder.string() +
                               " cannot be used: " + std::generic_category().message(errno));
    const auto self = ::geteuid();
    if (status.st_uid == self) return {};
    const auto owner = user_name(status.st_uid);
    if (self != 0)
        throw LocalFailure(ExitCode::incomplete,
                           "no daemon runs, and the state in " + folder.string() +
                               " belongs to the user " + owner + ", not to " + user_name(self) +
                               ": start the service (systemctl start medibridge), or use sudo");
    become(status.st_uid, status.st_gid, owner);
    return owner;
}

int check_local_backup(const fs::path& backup) {
    std::error_code error;
    if (!fs::exists(backup, error))
        throw LocalFailure(ExitCode::usage, backup.string() + ": " +
                                                (error ? error.message() + " (read as " +
                                                             user_name(::geteuid()) + ")"
                                                       : std::string("there is no such file")));
    return or_local_failure("", [&] { return state::check_backup(backup); });
}

fs::path restore_local_state(const fs::path& state_file, const fs::path& backup) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const fs::path kept =
        fmt::format("{}.replaced-{:%Y%m%dT%H%M%SZ}", fs::absolute(state_file).string(), now);
    or_local_failure("", [&] { state::restore_sqlite(state_file, backup, kept); });
    return fs::exists(kept) ? kept : fs::path();
}

} // namespace medibridge::daemon
