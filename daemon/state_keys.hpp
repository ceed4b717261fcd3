#pragma once

#include "config/settings.hpp"
#include "reconcile/digest.hpp"
#include "state/audit_seal.hpp"
#include "state/key.hpp"

namespace medibridge::daemon {

/// What is made of the state's key.
struct StateKeys {
    reconcile::Digester digester;
    state::Seal seal;
    state::AuditSeal audit_seal;
};

/// From the configured key, or the one in the file beside the state, which is made on first use. A
/// dry run that finds neither state nor key uses a key of its own. Throws StoreError.
StateKeys make_state_keys(const config::StateSettings& settings, bool dry_run);

} // namespace medibridge::daemon
