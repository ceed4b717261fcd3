#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace medibridge::base {

/// Reads exactly `digits` decimal digits from the front of `text` and removes them; nothing, and
/// `text` as it was, if something else is there. At most nine digits.
std::optional<int> take_digits(std::string_view& text, std::size_t digits);

/// Removes `expected` from the front of `text`, if it is there.
bool take(std::string_view& text, std::string_view expected);

/// A day of the proleptic Gregorian calendar; nothing where there is no such day.
std::optional<std::chrono::sys_days> real_day(int year, int month, int day);

/// Reads `YYYY-MM-DD` from the front of `text` and removes it, if that is a real day.
std::optional<std::chrono::sys_days> take_date(std::string_view& text);

} // namespace medibridge::base
