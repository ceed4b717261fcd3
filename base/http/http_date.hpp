#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace medibridge::http {

/// Reads an HTTP date in its three historic forms (RFC 9110 §5.6.7). A year of two digits lies
/// between 1970 and 2069.
std::optional<std::chrono::sys_time<std::chrono::milliseconds>>
parse_http_date(std::string_view text);

} // namespace medibridge::http
