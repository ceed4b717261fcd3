#pragma once

#include "config/settings.hpp"
#include "reconcile/digest.hpp"

namespace medibridge::daemon {

/// The digester with the state's key: the configured one, or the one in the file beside the state,
/// which is made on first use. A dry run that finds neither state nor key uses a key of its own.
/// Throws StoreError.
reconcile::Digester make_digester(const config::StateSettings& settings, bool dry_run);

} // namespace medibridge::daemon
