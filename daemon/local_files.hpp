#pragma once

#include "config/settings.hpp"
#include "daemon/exit_code.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

/// What a program that opens the state where no service runs does before.
namespace medibridge::daemon {

/// Why it cannot, in words for an operator, and the exit code that says so.
class LocalFailure : public std::runtime_error {
  public:
    LocalFailure(ExitCode exit, const std::string& text) : std::runtime_error(text), exit_(exit) {}
    ExitCode exit() const { return exit_; }

  private:
    ExitCode exit_;
};

/// The folder that the service's unit takes its credentials from.
std::filesystem::path usual_credentials(const std::filesystem::path& config);

/// The settings; secrets that systemd would hand to the service are looked for where its unit takes
/// them from. Throws LocalFailure with all mistakes, a line each.
config::Settings load_local_settings(
    const std::filesystem::path& config,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

/// Every mistake of a configuration's text, as its reader words it, without its place.
std::vector<std::string>
mistakes_of(const std::string& text,
            const std::function<std::optional<std::string>(const std::string&)>& environment);

/// The user's name, or the number where there is none; uid_t and gid_t are unsigned numbers.
std::string user_name(unsigned uid);

/// Goes on as that user, with that user's groups, for good. Throws LocalFailure.
void become(unsigned uid, unsigned gid, const std::string& name);

/// Makes sure that what this process writes beside the state can be opened by the service's user,
/// who owns the folder: root becomes that user and group, for good; anybody else must be that user.
/// The user's name if it was root's turn, else empty. `unit`: of the service, for what is said.
/// Throws LocalFailure.
std::string become_owner_of(const std::filesystem::path& state_file, const std::string& unit);

/// Puts a backup in the place of the state, while nobody uses that.
class LocalRestore {
  public:
    explicit LocalRestore(const config::Settings& settings);

    /// What can be said of a backup that can be put there.
    struct Findings {
        int version = 0;             ///< of its schema
        bool audit_is_intact = true; ///< no line of its audit was changed or removed
    };
    /// Opens a copy of the backup as the service will. Throws LocalFailure where it would not
    /// start.
    Findings check(const std::filesystem::path& backup) const;
    /// As state::restore_sqlite(). Who did it (`uid`) stands in the audit of the restored state.
    /// The name under which the old state was kept; empty: there was none. Throws LocalFailure.
    std::filesystem::path run(const std::filesystem::path& backup, std::uint32_t uid) const;

  private:
    config::StateSettings state_;
};

} // namespace medibridge::daemon
