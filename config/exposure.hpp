#pragma once

#include "base/bytes/descriptor.hpp"

#include <filesystem>
#include <string>

namespace medibridge::config {

/// What the mode and the owner of a file let others do with it. Words that follow the file's name,
/// and say how to fix it; empty: nothing.
struct Exposure {
    std::string refused; ///< it must not be used so
    std::string advice;  ///< it may be used, but should be changed
};

/// Of a file with settings: others may read it, and nobody but its owner may write it.
Exposure exposure_of_settings(const base::Descriptor& file);

/// Of a file with a secret. Its group may read it, if this process belongs to that. `path` says
/// whether others can reach the file at all: where a folder keeps them out, that is advice.
Exposure exposure_of_secret(const base::Descriptor& file, const std::filesystem::path& path);

/// Whether every user of this machine may search all folders that lead to the file.
bool is_reachable_by_all(const std::filesystem::path& path);

} // namespace medibridge::config
