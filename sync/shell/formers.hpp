#pragma once

#include "state/store.hpp"
#include "sync/core/formers.hpp"

#include <optional>
#include <string>

namespace medibridge::sync {

/// Everybody whose change of externalId is still to be made, out of the state. Reads all that is
/// held: not for every cycle.
Formers all_formers(state::Store& store);

/// Who is to get that externalId; nothing: nobody. As slow.
std::optional<Former> former_of(state::Store& store, const std::string& survivor);

} // namespace medibridge::sync
