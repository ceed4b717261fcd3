#pragma once

#include "state/sqlite/file_system.hpp"

#include <cstdint>
#include <filesystem>

namespace medibridge::state {

/// `mdbr`: SQLite's application_id of a state file.
inline constexpr std::int32_t application_id = 0x6d646272;

/// The path with links followed, so that one file has one lock. Throws StoreError unless its
/// directory exists.
std::filesystem::path settled_path(const std::filesystem::path& path);

/// Throws StoreError for a directory on a network file system.
void refuse_network(const std::filesystem::path& directory, const FileSystem& file_system);

/// Makes the file if it is missing (mode 0600, durably), takes others' rights to it away, and
/// throws StoreError unless it is empty or begins as a state file does. Looks at the bytes only:
/// SQLite itself might write to somebody else's database by the mere opening.
void prepare_file(const std::filesystem::path& path);

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

} // namespace medibridge::state
