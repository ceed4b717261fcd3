#pragma once

#include "reconcile/policy.hpp"

#include <string_view>

namespace medibridge::reconcile {

/// Whether the text is written in place of an unknown first or last name: `INCONNU`, `X`, `.`,
/// `NOUVEAU-NE`, `BEBE DUPONT`. Such a text is not a name: it replaces none and agrees with none.
/// Case, accents and punctuation do not matter. It is one if all of it consists of entries of the
/// policy's list, and of numbers behind them; if it begins with an entry that ends in `*`; or if it
/// holds no letter or digit. docs/identity.md has the list.
bool is_placeholder(std::string_view name, const IdentityPolicy& policy);

/// The form in which the policy's list holds an entry, whose last character may be a `*`; empty if
/// the text has no letter or digit.
std::string placeholder_entry(std::string_view text);

} // namespace medibridge::reconcile
