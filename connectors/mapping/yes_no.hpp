#pragma once

#include <optional>
#include <string_view>

/// The one table of words for yes and no, for every kind of source whose format does not fix them.
/// Pure.
///
/// What is neither is unclear, and then the answer is the one that keeps a patient out: somebody
/// who may be dead counts as deceased, and a record that may be closed as closed.
namespace medibridge::connectors {

/// `true 1 yes y oui o vrai t` and `false 0 no n non faux f`, in any case; a date of zeros
/// (`0000-00-00`), with which some databases say that there is none, is no. Nothing: unclear.
/// Spaces around the text do not count.
std::optional<bool> yes_or_no(std::string_view text);

/// Whether the text, which may be a date or a time of any country, says that there is none:
/// nothing but zeros and marks.
bool is_zero_date(std::string_view text);

} // namespace medibridge::connectors
