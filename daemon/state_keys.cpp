#include "daemon/state_keys.hpp"

#include "state/key.hpp"
#include "state/store.hpp"

#include <cstdint>
#include <filesystem>
#include <random>
#include <system_error>
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
    if (settings.key) return state::key_from_text(settings.key->reveal());
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

} // namespace

StateKeys make_state_keys(const config::StateSettings& settings, bool dry_run) {
    const auto key = state_key(settings, dry_run);
    return {reconcile::Digester(key), state::Seal(key), state::AuditSeal(key)};
}

} // namespace medibridge::daemon
