#pragma once

#include "config/settings.hpp"

#include <map>
#include <string>

namespace medibridge::config {

/// What decides how a source's records are read, as keys of the configuration (`fields.email`,
/// `timezone`, `identity.last_name`) with their values: equal texts, equal reading. No secrets, no
/// addresses.
std::map<std::string, std::string> mapping_of(const SourceSettings& source,
                                              const reconcile::IdentityPolicy& identity);

} // namespace medibridge::config
