#pragma once

#include "base/bytes/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

/// The state's file: the file systems that it may be on, its creation, its identity and its lock.
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

/// `mdbr`: SQLite's application_id of a state file.
inline constexpr std::int32_t application_id = 0x6d646272;

/// The path with links followed, so that one file has one lock. Throws StoreError unless its
/// directory exists, and if something other than a regular file is there.
std::filesystem::path settled_path(const std::filesystem::path& path);

/// Throws StoreError for a directory on a network file system.
void refuse_network(const std::filesystem::path& directory, const FileSystem& file_system);

/// Makes the file if it is missing (mode 0600, durably), removes the rights of other users, and
/// throws StoreError unless it is empty or begins as a state file does. Looks at the bytes only:
/// SQLite might write to somebody else's database merely by opening it.
void prepare_file(const std::filesystem::path& path);

/// Throws StoreError where something other than a regular file of our own stands in the place of
/// the log or a journal, which SQLite would open whatever it is.
void check_beside(const std::filesystem::path& path);

/// The very first transaction was cut off: there is nothing in the state yet.
bool creation_was_cut_off(const std::filesystem::path& path);

/// Throws StoreError as prepare_file does, and changes nothing.
void check_file(const std::filesystem::path& path);

/// Which file it is, to notice that somebody moved or removed it while it is in use.
class FileIdentity {
  public:
    explicit FileIdentity(const std::filesystem::path& path);
    bool operator==(const FileIdentity&) const = default;

  private:
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0; ///< 0: there is none
};

/// The right to use a state file, as a flock(2) on `PATH.lock` that names its owner's process id.
/// One owner may leave a line there for the next.
///
/// The kernel releases it when the owner ends, however it ends; the lock file itself stays, since
/// removing it would let two owners hold locks on two files of one name.
class Lock {
  public:
    /// Throws StoreError: `locked`, naming the owner, or `unavailable`.
    explicit Lock(const std::filesystem::path& state_file);

    /// What was left for the next owner, who takes it away; empty: nothing. Until then it stays.
    std::string take_note();
    /// Leaves a line, of at most 200 bytes. What fails leaves none.
    void leave_note(const std::string& line);

  private:
    base::Descriptor descriptor_;
    std::string note_;
};

} // namespace medibridge::state
