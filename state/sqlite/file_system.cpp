#include "state/sqlite/file_system.hpp"

#include "state/sqlite/error.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <utility>

namespace medibridge::state {
namespace {

constexpr std::uint32_t fuse_magic = 0x65735546;

/// From linux/magic.h and the file systems' own sources.
constexpr std::array<std::pair<std::uint32_t, const char*>, 12> network_magics = {{
    {0x00006969, "NFS"},
    {0x0000517B, "SMB"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x5346414F, "AFS"},
    {0x6B414653, "AFS"},
    {0x73757245, "Coda"},
    {0x00C36400, "Ceph"},
    {0x0000564C, "NCP"},
    {0x0BD00BD0, "Lustre"},
    {0x47504653, "GPFS"},
    {0x19830326, "BeeGFS"},
}};

constexpr std::array<std::string_view, 22> network_fuse_types = {
    "sshfs",    "glusterfs", "ceph",      "s3fs",     "rclone",  "davfs",    "davfs2", "curlftpfs",
    "gcsfuse",  "blobfuse",  "blobfuse2", "smbnetfs", "juicefs", "JuiceFS",  "goofys", "mfs",
    "lizardfs", "seaweedfs", "nfs",       "cifs",     "cvmfs2",  "mount-s3",
};

} // namespace

FileSystem file_system_of(const std::filesystem::path& path) {
    struct statfs about{};
    struct stat status{};
    if (::statfs(path.c_str(), &about) != 0 || ::stat(path.c_str(), &status) != 0)
        throw StoreError(StoreError::Kind::unavailable, "cannot find out the file system of " +
                                                            path.string() + ": " +
                                                            errno_text(errno));
    FileSystem found{static_cast<std::uint32_t>(about.f_type), {}};
    if (found.magic != fuse_magic) return found;
    std::ifstream table("/proc/self/mountinfo");
    const std::string text{std::istreambuf_iterator<char>(table), {}};
    found.type = mount_type(text, major(status.st_dev), minor(status.st_dev));
    return found;
}

std::optional<std::string> network_file_system(const FileSystem& file_system) {
    for (const auto& [magic, name] : network_magics)
        if (file_system.magic == magic) return name;
    if (file_system.magic != fuse_magic || !file_system.type.starts_with("fuse.")) return {};
    const std::string_view type = std::string_view(file_system.type).substr(5);
    for (const std::string_view name : network_fuse_types)
        if (type == name) return std::string(name);
    return {};
}

std::string mount_type(std::string_view mountinfo, unsigned major, unsigned minor) {
    const std::string device = std::to_string(major) + ":" + std::to_string(minor);
    std::istringstream lines{std::string(mountinfo)};
    std::string line;
    while (std::getline(lines, line)) {
        // id parent major:minor root mount-point options [tags …] - type source options
        std::istringstream words(line);
        std::string id, parent, number, word;
        words >> id >> parent >> number;
        if (number != device) continue;
        while (words >> word)
            if (word == "-" && words >> word) return word;
    }
    return {};
}

} // namespace medibridge::state
