#pragma once

#include "reconcile/hold.hpp"
#include "sync/core/preview.hpp"

#include <string>
#include <string_view>

/// What is said to an operator about a hold, without values.
namespace medibridge::control {

/// The rule that holds the patient, in a sentence.
std::string_view rule_of(reconcile::HoldReason reason);

/// What the decision would do, in a sentence.
std::string effect_of(const sync::Preview& preview);

} // namespace medibridge::control
