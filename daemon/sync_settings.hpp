#pragma once

#include "config/settings.hpp"
#include "reconcile/digest.hpp"
#include "sync/core/settings.hpp"

namespace medibridge::daemon {

/// What the rules of a cycle need of the configuration. `digester`: of this state's key; the space
/// carries the credentials only as it digests them.
sync::Settings sync_settings(const config::Settings& settings, const reconcile::Digester& digester);

} // namespace medibridge::daemon
