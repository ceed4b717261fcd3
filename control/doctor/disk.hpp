#pragma once

#include "control/doctor/check.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace medibridge::control::doctor {

/// Bytes of a file system.
struct DiskSpace {
    std::uint64_t available = 0; ///< to the service's user
    std::uint64_t capacity = 0;  ///< 0: not known
    std::string trouble;         ///< why not
};
DiskSpace disk_space_at(const std::filesystem::path& path);

/// Of the file system on which the state stands.
Check judge_disk(const DiskSpace& space);

} // namespace medibridge::control::doctor
