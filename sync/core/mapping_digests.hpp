#pragma once

#include "sync/core/rules.hpp"

#include <string>

/// A source's mapping as the state keeps it: each key with a digest of its value.
namespace medibridge::sync {

std::string mapping_digests(const Rules& rules, const std::string& source);

/// The keys that were added, removed or have another value; comma-separated.
std::string changed_keys(const std::string& before, const std::string& now);

} // namespace medibridge::sync
