#pragma once

#include "reconcile/instant.hpp"
#include "reconcile/text.hpp"

namespace medibridge::reconcile {

/// Exactly `YYYY-MM-DD`, trimmed, a real day of the year 1850 or later. Never converted: a birth
/// date is a day on a calendar, not a moment.
Normal normal_birth_date(std::string_view text);

/// Whether the normal birth date is after the moment at which the record was modified. A day is
/// granted, because somewhere it is already tomorrow.
bool is_born_after(std::string_view birth_date, Instant modified_at);

} // namespace medibridge::reconcile
