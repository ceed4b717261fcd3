#include "state/sqlite/file.hpp"

#include "base/bytes/descriptor.hpp"
#include "state/sqlite/error.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};
constexpr std::size_t header_size = 100;
constexpr std::size_t application_id_at = 68;

[[noreturn]] void unavailable(const std::string& what) {
    throw StoreError(StoreError::Kind::unavailable, what);
}

class StateFile {
  public:
    StateFile(const fs::path& path, int flags) : path_(path), descriptor_(path, flags) {
        if (!descriptor_.is_open())
            unavailable("cannot open the state " + path.string() + ": " + errno_text(errno) +
                        "; it must be a file that the user that runs medibridge may read and "
                        "write");
    }
    int descriptor() const { return descriptor_.number(); }
    const fs::path& path() const { return path_; }
    struct stat status() const {
        struct stat status{};
        if (::fstat(descriptor(), &status) != 0)
            unavailable("cannot examine the state " + path_.string() + ": " + errno_text(errno));
        return status;
    }

  private:
    fs::path path_;
    base::Descriptor descriptor_;
};

void sync_directory(const fs::path& directory) {
    const StateFile opened(directory, O_RDONLY | O_DIRECTORY);
    if (::fsync(opened.descriptor()) != 0)
        unavailable("cannot make the new state in " + directory.string() +
                    " durable: " + errno_text(errno));
}

/// A hot rollback journal: the very first transaction was cut off, and the first page may be torn.
bool creation_was_cut_off(const fs::path& path) {
    std::error_code missing;
    const auto size = fs::file_size(path.string() + "-journal", missing);
    return !missing && size > 0;
}

[[noreturn]] void not_ours(const fs::path& path, const std::string& why) {
    throw StoreError(StoreError::Kind::not_ours,
                     path.string() + " is not a state file of medibridge: " + why +
                         "; check state.path, nothing was changed in the file");
}

void check_header(const StateFile& file, const struct stat& status) {
    if (!S_ISREG(status.st_mode)) not_ours(file.path(), "it is not a regular file");
    if (status.st_size == 0 || creation_was_cut_off(file.path())) return;
    std::array<char, header_size> header{};
    const ssize_t length = ::pread(file.descriptor(), header.data(), header.size(), 0);
    if (length < 0)
        unavailable("cannot read the state " + file.path().string() + ": " + errno_text(errno));
    if (!std::string_view(header.data(), static_cast<std::size_t>(length))
             .starts_with(sqlite_magic) ||
        static_cast<std::size_t>(length) < header_size)
        not_ours(file.path(), "it does not begin as a SQLite database does");
    std::uint32_t id = 0;
    for (std::size_t i = 0; i < 4; ++i)
        id = id << 8U | static_cast<std::uint8_t>(header[application_id_at + i]);
    if (id != static_cast<std::uint32_t>(application_id))
        not_ours(file.path(), "it is a database of another program");
}

} // namespace

fs::path settled_path(const fs::path& path) {
    std::error_code error;
    fs::path settled = fs::weakly_canonical(fs::absolute(path), error);
    if (error) unavailable("cannot reach the state " + path.string() + ": " + error.message());
    const fs::path directory = settled.parent_path();
    if (!fs::is_directory(directory, error))
        unavailable("the directory of the state, " + directory.string() + ", " +
                    (error && error != std::errc::no_such_file_or_directory
                         ? "cannot be reached: " + error.message()
                         : "does not exist or is no directory") +
                    "; make it, owned by the user that runs medibridge, mode 0700 (systemd's "
                    "StateDirectory= does so)");
    return settled;
}

void refuse_network(const fs::path& directory, const FileSystem& file_system) {
    if (const auto name = network_file_system(file_system))
        unavailable("the state's directory " + directory.string() +
                    " is on a network file system (" + *name +
                    "), where locks and power cuts damage databases; set state.path to a local "
                    "disk");
}

void prepare_file(const fs::path& path) {
    std::error_code missing;
    const bool is_new = !fs::exists(path, missing);
    const StateFile file(path, is_new ? O_RDWR | O_CREAT : O_RDWR);
    const struct stat status = file.status();
    check_header(file, status);
    if ((status.st_mode & 077U) != 0 && ::fchmod(file.descriptor(), 0600) != 0)
        unavailable("others may read the state " + path.string() +
                    " and its mode cannot be changed: " + errno_text(errno) +
                    "; give it to the user that runs medibridge, mode 0600");
    if (is_new) sync_directory(path.parent_path());
}

void check_file(const fs::path& path) {
    const StateFile file(path, O_RDONLY);
    check_header(file, file.status());
}

FileIdentity::FileIdentity(const fs::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return;
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

} // namespace medibridge::state
