#pragma once

#include "config/settings.hpp"
#include "control/backend.hpp"
#include "reconcile/digest.hpp"
#include "state/audit_seal.hpp"
#include "state/key.hpp"
#include "state/key_ring.hpp"
#include "state/store.hpp"

#include <optional>

namespace medibridge::daemon {

/// What is made of the state's key.
struct StateKeys {
    reconcile::Digester digester;
    state::Seal seal;
    state::AuditSeal audit_seal;
};

/// Throws StoreError for a state that must not be opened so: its folder can be written by every
/// user, or one of its files by another one, or this process is root and would leave files there
/// that the folder's owner cannot open.
void check_state_folder(const config::StateSettings& settings);

/// From the configured key, or the one in the file beside the state, which is made on first use. A
/// dry run that finds neither state nor key uses a key of its own. Looks at the folder first, as
/// check_state_folder() does. Throws StoreError.
StateKeys make_state_keys(const config::StateSettings& settings, bool dry_run);

/// The configured key, or the one in the file beside the state; nothing: there is no such file.
/// Throws StoreError.
std::optional<state::KeyBytes> present_state_key(const config::StateSettings& settings);

/// Throws StoreError where there is none.
control::StateKeyPlace state_key_place(const config::StateSettings& settings);

/// How to replace the key: see control::Backend::rotate_key().
struct Rotation {
    std::optional<state::KeyBytes> key; ///< nothing: one is made
    state::AuditEntry line;
    std::string abandoned;
};

/// Replaces the key of the state that `store` has open. Where the key is a
/// file beside the state, a process that ends at any moment leaves one there that opens it. Throws
/// StoreError.
control::KeyRotation rotate_state_key(const config::StateSettings& settings,
                                      const Rotation& rotation, state::Store& store);

} // namespace medibridge::daemon
