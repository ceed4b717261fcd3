#pragma once

#include "config/load.hpp"

#include <set>
#include <string>

namespace medibridge::config {

/// The dotted paths of all keys that the reader looks for while it reads `text`, whether they stand
/// there or not. Keys of an optional part are looked for where that part stands.
std::set<std::string> known_keys(const std::string& text, const Environment& environment,
                                 const SourceKinds& kinds);

} // namespace medibridge::config
