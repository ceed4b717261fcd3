#pragma once

#include "base/files/open.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::files {

/// What the file holds from where it stands to its end; more than `limit` bytes is a fault.
Result<std::string> read_all(const base::Descriptor& file, std::size_t limit);

/// The same of a file that somebody hands over: see open_given().
Result<std::string> read_given(const Place& place, std::size_t limit);

/// Writes all of it; what failed, if something did.
std::optional<Fault> write_all(const base::Descriptor& file, std::string_view text);

} // namespace medibridge::files
