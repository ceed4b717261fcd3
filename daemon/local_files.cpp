#include "daemon/local_files.hpp"

#include "config/load.hpp"
#include "config/site.hpp"
#include "connectors/kinds/kinds.hpp"
#include "daemon/failures.hpp"
#include "daemon/state_keys.hpp"
#include "state/sqlite_store.hpp"

#include <algorithm>
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

/// Throws StoreError unless the key that is there opens the backup.
void check_key_of(const fs::path& backup, const std::vector<std::string>& needed,
                  const std::optional<state::KeyBytes>& present) {
    if (needed.empty() || (present && std::ranges::count(needed, present->check()) > 0)) return;
    std::string listed;
    for (const auto& check : needed)
        listed += (listed.empty() ? "" : " or ") + check;
    throw state::StoreError(
        state::StoreError::Kind::not_ours,
        "the backup " + backup.string() + " needs the key " + listed + ", and " +
            (present ? "the state's key is " + present->check() : "there is no key") +
            " (these are checks, not the keys): put the key of that time in its place (state.key, "
            "or the file beside the state), as its present owner and with mode 0600, keep the one "
            "that is there with the state that is "
            "there, and restore again. Nothing was changed");
}

/// A second restore in the same second keeps a state of its own.
fs::path free_name_beside(const fs::path& state_file) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto name =
        fmt::format("{}.replaced-{:%Y%m%dT%H%M%SZ}", fs::absolute(state_file).string(), now);
    const auto is_taken = [](const std::string& path) {
        std::error_code unknown;
        return fs::exists(fs::symlink_status(path, unknown)) ||
               fs::exists(fs::symlink_status(path + "-wal", unknown)) ||
               fs::exists(fs::symlink_status(path + "-journal", unknown));
    };
    auto free = name;
    for (int n = 2; is_taken(free); ++n)
        free = name + "-" + std::to_string(n);
    return free;
}

void note_restore(const config::StateSettings& state, const fs::path& backup, std::uint32_t uid) {
    const auto keys = make_state_keys(state, false);
    state::AuditEntry line;
    line.action = "restored";
    line.detail = backup.string();
    line.actor = {user_name(uid), uid};
    state::Batch batch;
    batch.audit(std::move(line));
    state::open_sqlite(state.path, keys.audit_seal)->commit(batch);
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

std::vector<std::string>
mistakes_of(const std::string& text,
            const std::function<std::optional<std::string>(const std::string&)>& environment) {
    const auto loaded =
        config::load_text(text, "configuration", environment, connectors::source_kinds());
    std::vector<std::string> texts;
    for (const auto& mistake : loaded.mistakes)
        texts.push_back(mistake.text);
    return texts;
}

/// A site's stand in a folder of its name.
fs::path usual_credentials(const fs::path& config) {
    const auto site = config::site_of(config);
    return site.empty() ? fs::path(credentials) : fs::path(credentials) / site;
}

config::Settings load_local_settings(
    const fs::path& config,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
    const auto around = [&](const std::string& name) {
        auto value = environment(name);
        std::error_code error;
        const auto beside = usual_credentials(config);
        if (!value && name == "CREDENTIALS_DIRECTORY" && fs::is_directory(beside, error))
            value = beside.string();
        return value;
    };
    auto loaded = config::load(config, around, connectors::source_kinds());
    if (loaded.settings) return std::move(*loaded.settings);
    std::string text;
    bool is_about_credential = false;
    for (const auto& mistake : loaded.mistakes) {
        const auto line = mistake.to_string();
        is_about_credential = is_about_credential || line.find("credential") != std::string::npos;
        text += (text.empty() ? "" : "\n") + line;
    }
    if (is_about_credential && ::geteuid() != 0)
        text +=
            "\nwhat systemd hands to the service, the service and root alone can read: start it "
            "and ask it (systemctl start " +
            config::service_unit(config) + "), or use sudo";
    throw LocalFailure(ExitCode::configuration, text);
}

std::string become_owner_of(const fs::path& state_file, const std::string& unit) {
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
                               ": start the service (systemctl start " + unit + "), or use sudo");
    become(status.st_uid, status.st_gid, owner);
    return owner;
}

LocalRestore::LocalRestore(const config::Settings& settings) : state_(settings.state) {}

LocalRestore::Findings LocalRestore::check(const fs::path& backup) const {
    std::error_code error;
    if (!fs::exists(backup, error))
        throw LocalFailure(ExitCode::usage, backup.string() + ": " +
                                                (error ? error.message() + " (read as " +
                                                             user_name(::geteuid()) + ")"
                                                       : std::string("there is no such file")));
    if (fs::equivalent(backup, state_.path, error))
        throw LocalFailure(ExitCode::usage, backup.string() + " is the state itself: name a backup "
                                                              "of it");
    return or_local_failure("", [&] {
        const int version = state::check_backup(backup);
        const auto key = present_state_key(state_);
        check_key_of(backup, state::keys_of_backup(backup), key);
        const bool is_intact =
            state::try_backup(backup, state_.path, key ? *key : state::KeyBytes::random());
        return Findings{version, is_intact};
    });
}

fs::path LocalRestore::run(const fs::path& backup, std::uint32_t uid) const {
    const auto kept = free_name_beside(state_.path);
    or_local_failure("", [&] { state::restore_sqlite(state_.path, backup, kept); });
    or_local_failure("the backup is in its place, but its audit does not say who put it there: ",
                     [&] { note_restore(state_, backup, uid); });
    return fs::exists(kept) ? kept : fs::path();
}

} // namespace medibridge::daemon
