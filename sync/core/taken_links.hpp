#pragma once

#include "sync/core/effects.hpp"

#include <cstdint>
#include <string>

namespace medibridge::sync {

/// Medicapp answered a write about `external_id` with the id of a patient who is linked to another
/// one: it is not linked, but held, and nothing is written again for it by itself.
void withdraw_link(Effects& effects, const std::string& external_id, const std::string& medicapp_id,
                   std::int64_t now_ms);

} // namespace medibridge::sync
