#include "daemon/state_keys.hpp"

#include "config/exposure.hpp"
#include "config/secret.hpp"
#include "daemon/local_files.hpp"
#include "state/key_file.hpp"
#include "state/sqlite_store.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::daemon {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw state::StoreError(state::StoreError::Kind::not_ours, what);
}

/// Also a link that leads nowhere: what it means is for whoever opens it to say.
bool is_something(const std::filesystem::path& path) {
    std::error_code unknown;
    return std::filesystem::exists(std::filesystem::symlink_status(path, unknown));
}

/// Of the key that medibridge made.
std::filesystem::path key_file(const config::StateSettings& settings) {
    return settings.path.string() + ".key";
}

state::KeyBytes configured_key(const config::Secret& secret) {
    auto key = state::key_from_text(secret.reveal());
    if (!key) refuse("the state's key, as state.key has it, is not 64 hexadecimal digits");
    return *std::move(key);
}

state::KeyBytes state_key(const config::StateSettings& settings, bool dry_run) {
    if (settings.key) return configured_key(*settings.key);
    const auto key_path = key_file(settings);
    const bool has_state = is_something(settings.path);
    const bool has_key = is_something(key_path);
    if (has_state && !has_key) {
        refuse("the key " + key_path.string() + " of the state " + settings.path.string() +
               " is missing: put it back, or move the state file away and start the "
               "service: the state is built anew from both sides");
    }
    if (dry_run && !has_key) return state::KeyBytes::random();
    return state::read_or_make_key(key_path);
}

/// A process that replaced the key may have ended before the new one was in its place.
state::KeyRing ring_of(const config::StateSettings& settings, bool dry_run) {
    const auto ring = state::read_key_ring(settings.path, state_key(settings, dry_run));
    if (settings.key || dry_run) return ring;
    const auto next = state::read_next_key(key_file(settings));
    if (!next) return ring;
    if (next->check() != ring.successor) {
        state::drop_next_key(key_file(settings));
        return ring;
    }
    state::take_next_key(key_file(settings));
    return state::read_key_ring(settings.path, *next);
}

} // namespace

void check_state_folder(const config::StateSettings& settings) {
    // It may have been opened since the configuration was read.
    for (const auto& exposure : {config::exposure_of_state_folder(settings.path),
                                 config::exposure_of_state_files(settings.path)})
        if (!exposure.refused.empty()) refuse(exposure.refused);
    const auto folder = config::folder_of(settings.path);
    struct stat info{};
    if (::geteuid() != 0 || ::stat(folder.c_str(), &info) != 0 || info.st_uid == 0) return;
    const auto owner = user_name(info.st_uid);
    refuse("the state's folder " + folder.string() + " belongs to the user " + owner +
           ", who could not open what root leaves there: `runuser -u " + owner +
           " -- medibridged …`, for the service `systemctl start` and its unit, or for one cycle "
           "with the secrets that systemd hands over `medibridgectl sync`");
}

StateKeys make_state_keys(const config::StateSettings& settings, bool dry_run) {
    check_state_folder(settings);
    const auto ring = ring_of(settings, dry_run);
    return {reconcile::Digester(ring.digest.bytes()), state::Seal(ring), state::AuditSeal(ring)};
}

std::optional<state::KeyBytes> present_state_key(const config::StateSettings& settings) {
    if (!settings.key && !is_something(key_file(settings))) return std::nullopt;
    return state_key(settings, false);
}

control::StateKeyPlace state_key_place(const config::StateSettings& settings) {
    return {state_key(settings, false).check(),
            settings.key ? std::filesystem::path() : key_file(settings)};
}

control::KeyRotation rotate_state_key(const config::StateSettings& settings,
                                      const Rotation& rotation, state::Store& store) {
    const auto from = state_key(settings, false);
    const auto to = rotation.key ? *rotation.key : state::KeyBytes::random();
    if (to == from)
        throw state::StoreError(state::StoreError::Kind::unavailable,
                                "that is the key that the state has now: make another one");
    auto detailed = rotation.line;
    detailed.detail = to.check();
    const auto file = settings.key ? std::filesystem::path() : key_file(settings);
    if (!file.empty()) state::write_next_key(file, to);
    // From here on both open the state, until the next one was used.
    store.rotate_key(from, to, detailed, rotation.abandoned);
    if (!file.empty()) state::take_next_key(file);
    return {to.check(), from.check(), file};
}

} // namespace medibridge::daemon
