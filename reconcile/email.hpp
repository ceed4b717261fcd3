#pragma once

#include "reconcile/text.hpp"

namespace medibridge::reconcile {

/// An address of the plain form `local@domain.tld` in ASCII, trimmed, its domain in lower case; a
/// server may tell letters of the local part apart, so they stay. Quoted local parts, comments,
/// address literals and international addresses are refused.
Normal normal_email(std::string_view text);

} // namespace medibridge::reconcile
