#pragma once

#include "reconcile/policy.hpp"

#include <string_view>

namespace medibridge::reconcile {

/// Whether the text stands where a first or last name is not known: `INCONNU`, `X`, `.`,
/// `NOUVEAU-NE`. Such a text is no name: it replaces none and agrees with none. Case, accents and
/// punctuation do not matter; a text without a letter or digit is always one. docs/identity.md has
/// the list.
bool is_placeholder(std::string_view name, const IdentityPolicy& policy);

} // namespace medibridge::reconcile
