#pragma once

#include <string_view>

namespace medibridge::reconcile {

/// What a spreadsheet, or a program that keeps numbers as floats, made of a value: the reason in
/// fixed words, empty if it shows no such form. White space around the text does not count.

/// Of any value: an error (`#N/A`, `#VALEUR!`, `####`), a formula (`="0123"`), a number in
/// scientific notation (`8,00123E+09`), a whole number with a fraction of zeros (`8001234567.0`).
///
/// Scientific is what programs write: an exponent with its sign and two digits, or one digit and a
/// fraction before the exponent (Java). `12E34` and `8e9` may be somebody's identifier.
std::string_view spreadsheet_value(std::string_view text);

/// Of an identifier, also: an apostrophe before it, quotation marks around it, groups of three
/// digits (`8 001 234 567`), a date. `123 456 789` may be somebody's identifier, and `1,234`.
std::string_view spreadsheet_key(std::string_view text);

/// Whether the text is a whole number with a fraction of zeros.
bool is_whole_with_fraction(std::string_view text);
inline constexpr std::string_view whole_with_fraction =
    "went through a spreadsheet or a float: a whole number with a fraction";

} // namespace medibridge::reconcile
