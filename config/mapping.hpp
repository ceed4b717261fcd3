#pragma once

#include "config/source_kind.hpp"
#include "reconcile/policy.hpp"

namespace medibridge::config {

/// What decides how the source's records are read: its kind's keys and those that all have.
Mapping mapping_of(const KindSettings& source, const reconcile::IdentityPolicy& identity);

} // namespace medibridge::config
