#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::state {

/// What the kernel says about the file system of a path.
struct FileSystem {
    std::uint32_t magic = 0; ///< statfs(2)'s f_type
    std::string type;        ///< the mount table's name: `ext4`, `fuse.sshfs`; empty: not known
};

/// The file system of an existing file or directory. Throws StoreError.
FileSystem file_system_of(const std::filesystem::path& path);

/// The name of a network file system, on which locks and power cuts do not behave as SQLite needs;
/// nothing for local ones, and for those of containers and virtual machines (overlay, 9p,
/// virtiofs).
std::optional<std::string> network_file_system(const FileSystem& file_system);

/// The file system type of a device in the text of /proc/self/mountinfo; empty if it is not there.
std::string mount_type(std::string_view mountinfo, unsigned major, unsigned minor);

} // namespace medibridge::state
