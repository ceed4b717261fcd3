#pragma once

#include "reconcile/field_table.hpp"
#include "sync/core/settings.hpp"

#include <string>

namespace medibridge::sync {

/// The update of one linked patient by plan_update().
///
/// An address of the HIS without a country is in the country of `identity.default_region`, as a
/// phone number without one is dialled from there: where Medicapp names that country, its address
/// and the HIS's are not mixed, and the HIS's is written beside it.
reconcile::UpdatePlan plan_of(const Rules& rules, const std::string& external_id,
                              const reconcile::Baselines& agreed, const reconcile::SideView& his,
                              const reconcile::FieldSet& his_cleared,
                              const reconcile::SideView& medicapp);

} // namespace medibridge::sync
