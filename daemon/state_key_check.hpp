#pragma once

#include "reconcile/digest.hpp"
#include "state/store.hpp"

namespace medibridge::daemon {

/// Makes sure that the state was written with this key: with another one every patient would look
/// changed on both sides. A new state adopts the key. Throws StoreError.
void check_state_key(state::Store& store, const reconcile::Digester& digester);

} // namespace medibridge::daemon
