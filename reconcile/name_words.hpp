#pragma once

#include "reconcile/identity.hpp"

namespace medibridge::reconcile {

/// `name_words` without the short way for ASCII: the reference that tests compare it with.
std::vector<std::string> unicode_name_words(std::string_view name);

} // namespace medibridge::reconcile
