#include "daemon/digests.hpp"

#include "state/key_file.hpp"
#include "state/store.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <random>

namespace medibridge::daemon {

namespace {

std::array<std::uint8_t, reconcile::Digester::key_size> random_key() {
    std::random_device random;
    std::array<std::uint8_t, reconcile::Digester::key_size> key{};
    for (auto& byte : key)
        byte = static_cast<std::uint8_t>(random());
    return key;
}

} // namespace

reconcile::Digester make_digester(const config::StateSettings& settings, bool dry_run) {
    if (settings.key) return reconcile::Digester(state::key_from_text(settings.key->reveal()));
    auto key_path = settings.path;
    key_path += ".key";
    const bool has_state = std::filesystem::exists(settings.path);
    const bool has_key = std::filesystem::exists(key_path);
    if (has_state && !has_key) {
        throw state::StoreError(
            state::StoreError::Kind::unavailable,
            "the key " + key_path.string() + " of the state " + settings.path.string() +
                " is missing: put it back, or move the state file away and run with --full");
    }
    if (dry_run && !has_key) return reconcile::Digester(random_key());
    return reconcile::Digester(state::read_or_make_key(key_path));
}

} // namespace medibridge::daemon
