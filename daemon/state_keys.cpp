#include "daemon/state_keys.hpp"

#include "config/exposure.hpp"
#include "state/key.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <filesystem>
#include <pwd.h>
#include <random>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace medibridge::daemon {

namespace {

std::vector<std::uint8_t> random_key() {
    std::random_device random;
    std::vector<std::uint8_t> key(reconcile::Digester::key_size);
    for (auto& byte : key)
        byte = static_cast<std::uint8_t>(random());
    return key;
}

/// Also a link that leads nowhere: what it means is for whoever opens it to say.
bool is_something(const std::filesystem::path& path) {
    std::error_code unknown;
    return std::filesystem::exists(std::filesystem::symlink_status(path, unknown));
}

std::vector<std::uint8_t> state_key(const config::StateSettings& settings, bool dry_run) {
    if (settings.key) return state::key_from_text(std::string(settings.key->reveal()));
    auto key_path = settings.path;
    key_path += ".key";
    const bool has_state = is_something(settings.path);
    const bool has_key = is_something(key_path);
    if (has_state && !has_key) {
        throw state::StoreError(state::StoreError::Kind::unavailable,
                                "the key " + key_path.string() + " of the state " +
                                    settings.path.string() +
                                    " is missing: put it back, or move the state file away, and "
                                    "run medibridged --once --full");
    }
    if (dry_run && !has_key) return random_key();
    return state::read_or_make_key(key_path);
}

[[noreturn]] void refuse(const std::string& what) {
    throw state::StoreError(state::StoreError::Kind::not_ours, what);
}

std::string name_of(uid_t user) {
    const passwd* const entry = ::getpwuid(user);
    return entry != nullptr ? std::string(entry->pw_name) : std::to_string(user);
}

} // namespace

void check_state_folder(const config::StateSettings& settings) {
    // It may have been opened since the configuration was read.
    const auto exposure = config::exposure_of_state_folder(settings.path);
    if (!exposure.refused.empty()) refuse(exposure.refused);
    const auto folder = config::folder_of(settings.path);
    struct stat info{};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return;
    const auto owner = name_of(info.st_uid);
    refuse("the state's folder " + folder.string() + " belongs to the user " + owner +
           ", who could not open what root leaves there: `runuser -u " + owner +
           " -- medibridged …`, or for the service `systemctl start medibridge`");
}

StateKeys make_state_keys(const config::StateSettings& settings, bool dry_run) {
    check_state_folder(settings);
    const auto key = state_key(settings, dry_run);
    return {reconcile::Digester(key), state::Seal(key), state::AuditSeal(key)};
}

} // namespace medibridge::daemon
