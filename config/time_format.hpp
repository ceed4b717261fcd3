#pragma once

#include <string>
#include <string_view>

namespace medibridge::config {

/// What is wrong with a format of strptime's kind for a moment or, with `birth_date`, for a
/// calendar date; empty: nothing. It takes what the sources' reader of texts takes:
///
/// %Y %m %d %e %j %b %h %B %F, %H %I %M %S %p %f (fraction) %T %R, %z, %s and %Q (Unix seconds and
/// milliseconds), %n %t %%.
std::string time_format_mistake(std::string_view format, bool birth_date);

} // namespace medibridge::config
