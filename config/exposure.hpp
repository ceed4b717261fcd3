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

/// The folder that a file lies in, with links followed.
std::filesystem::path folder_of(const std::filesystem::path& file);

/// Of the folder of the state, in which others must not write. A folder that is missing is for
/// whoever opens the state to report.
Exposure exposure_of_state_folder(const std::filesystem::path& state_file);

/// Of the state's files, which nobody but their owner may write. Files that are missing are for
/// whoever opens the state to report.
Exposure exposure_of_state_files(const std::filesystem::path& state_file);

/// Whether every user of this machine may search all folders that lead to the file.
bool is_reachable_by_all(const std::filesystem::path& path);

} // namespace medibridge::config
