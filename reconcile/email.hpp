#pragma once

#include "reconcile/text.hpp"

namespace medibridge::reconcile {

/// An address of the plain form `local@domain.tld` in ASCII, trimmed, its domain in lower case; a
/// server may distinguish case in the local part, so it is kept. Quoted local parts, comments,
/// address literals and international addresses are refused.
Normal normal_email(std::string_view text);

} // namespace medibridge::reconcile
