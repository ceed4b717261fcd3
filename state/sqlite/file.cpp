#include "state/sqlite/file.hpp"

#include "base/bytes/ascii.hpp"
#include "base/files/content.hpp"
#include "state/sqlite/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>

namespace medibridge::state {

namespace {

constexpr std::uint32_t fuse_magic = 0x65735546;
constexpr std::size_t most_of_a_table = std::size_t{16} << 20;

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
    const auto table = files::read_given("/proc/self/mountinfo", most_of_a_table);
    if (table) found.type = mount_type(*table, major(status.st_dev), minor(status.st_dev));
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

// A hot rollback journal: the first page may be torn.
bool creation_was_cut_off(const std::filesystem::path& path) {
    std::error_code missing;
    const auto size = std::filesystem::file_size(path.string() + "-journal", missing);
    return !missing && size > 0;
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view sqlite_magic{"SQLite format 3\0", 16};
constexpr std::size_t header_size = 100;
constexpr std::size_t application_id_at = 68;

[[noreturn]] void unavailable(const std::string& what) {
    throw StoreError(StoreError::Kind::unavailable, what);
}

[[noreturn]] void not_ours(const fs::path& path, const std::string& why) {
    throw StoreError(StoreError::Kind::not_ours,
                     path.string() + " is not a state file of medibridge: " + why +
                         "; check state.path, nothing was changed in the file");
}

class StateFile {
  public:
    StateFile(const fs::path& path, files::Result<base::Descriptor> file) : path_(path) {
        if (file) {
            descriptor_ = std::move(*file);
            return;
        }
        if (file.error().error == 0) not_ours(path, "it " + file.error().text);
        unavailable("cannot open the state " + path.string() + ": " +
                    errno_text(file.error().error) +
                    "; it must be a file that the user that runs medibridge may read and write");
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
    const StateFile opened(directory, files::open_directory(directory));
    if (::fsync(opened.descriptor()) != 0)
        unavailable("cannot make the new state in " + directory.string() +
                    " durable: " + errno_text(errno));
}

void check_header(const StateFile& file, const struct stat& status) {
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
    // Before anything is made beside it: beside a device, say.
    const auto file = files::open_given(settled);
    if (!file && file.error().error == 0) not_ours(settled, "it " + file.error().text);
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
    const StateFile file(path, files::open_or_make_own(path, files::Access::read_and_write));
    const struct stat status = file.status();
    check_header(file, status);
    if ((status.st_mode & 077U) != 0 && ::fchmod(file.descriptor(), 0600) != 0)
        unavailable("others may read the state " + path.string() +
                    " and its mode cannot be changed: " + errno_text(errno) +
                    "; give it to the user that runs medibridge, mode 0600");
    if (is_new) sync_directory(path.parent_path());
}

void check_beside(const fs::path& path) {
    for (const char* ending : {"-wal", "-journal", "-shm"}) {
        const fs::path beside = path.string() + ending;
        const auto file = files::open_own(beside, files::Access::read);
        if (file || file.error().error == ENOENT) continue;
        throw StoreError(file.error().error == 0 ? StoreError::Kind::not_ours
                                                 : StoreError::Kind::unavailable,
                         beside.string() + ", which belongs to the state, " + file.error().text);
    }
}

void check_file(const fs::path& path) {
    const StateFile file(path, files::open_given(path));
    check_header(file, file.status());
}

FileIdentity::FileIdentity(const fs::path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return;
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

namespace {

[[noreturn]] void fail(const std::string& path, int error) {
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot lock the state with " + path + ": " + errno_text(error) +
                         "; the directory and what is in it must belong to the user that runs "
                         "medibridge, and be on a file system that is mounted for writing");
}

/// Of a process id, and of the line for the next owner behind it.
constexpr off_t longest_lock = 256;

std::string text_of(int descriptor) {
    std::array<char, longest_lock> text{};
    const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
    return std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
}

/// The process id that the owner wrote; empty while it has not done so yet.
std::string owner(int descriptor) {
    const std::string text = text_of(descriptor);
    return text.substr(0, static_cast<std::size_t>(
                              std::ranges::find_if_not(text, base::is_ascii_digit) - text.begin()));
}

/// The line behind the owner's.
std::string note_in(const std::string& text) {
    const auto begin = text.find('\n');
    if (begin == std::string::npos) return {};
    return text.substr(begin + 1, text.find('\n', begin + 1) - begin - 1);
}

[[noreturn]] void refuse(int descriptor, const std::string& state_file) {
    const std::string pid = owner(descriptor);
    throw StoreError(StoreError::Kind::locked,
                     "the state " + state_file + " is in use by " +
                         (pid.empty() ? "another process" : "process " + pid) +
                         ": stop it first, or talk to it with medibridgectl");
}

/// Whether the path still names the file that was opened: somebody may have removed it meanwhile.
bool still_there(int descriptor, const std::string& path) {
    struct stat opened{};
    struct stat named{};
    return ::fstat(descriptor, &opened) == 0 && ::stat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

std::string lock_text(const std::string& note) {
    const std::string pid = std::to_string(::getpid()) + "\n";
    return note.empty() ? pid : pid + note + "\n";
}

void write_owner(int descriptor, const std::string& path) {
    const std::string text = lock_text(note_in(text_of(descriptor)));
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) fail(path, errno);
    if (status.st_size > longest_lock)
        throw StoreError(StoreError::Kind::not_ours,
                         path + " should hold a process id alone, but holds something else: move "
                                "it away");
    if (::ftruncate(descriptor, 0) != 0) fail(path, errno);
    // On a full disk the lock still holds; the next process is told of "another process".
    if (::pwrite(descriptor, text.data(), text.size(), 0) < 0 && errno != ENOSPC) fail(path, errno);
}

base::Descriptor take(const std::string& state_file) {
    const std::string path = state_file + ".lock";
    for (;;) {
        auto opened = files::open_or_make_own(path, files::Access::read_and_write);
        if (!opened && opened.error().error != 0) fail(path, opened.error().error);
        if (!opened)
            throw StoreError(StoreError::Kind::not_ours,
                             "the state's lock " + path + " " + opened.error().text);
        base::Descriptor lock = std::move(*opened);
        if (::flock(lock.number(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) refuse(lock.number(), state_file);
            fail(path, errno);
        }
        if (!still_there(lock.number(), path)) continue;
        write_owner(lock.number(), path);
        return lock;
    }
}

} // namespace

Lock::Lock(const std::filesystem::path& state_file)
    : descriptor_(take(state_file.string())),
      note_(note_in(text_of(descriptor_.number()))) {}

std::string Lock::take_note() {
    leave_note({});
    return std::exchange(note_, std::string());
}

void Lock::leave_note(const std::string& line) {
    const std::string text = lock_text(line);
    if (::ftruncate(descriptor_.number(), 0) != 0) return;
    const auto written = ::pwrite(descriptor_.number(), text.data(), text.size(), 0);
    if (written == static_cast<ssize_t>(text.size())) return;
    // Half a line is no word of anybody.
    static_cast<void>(::ftruncate(descriptor_.number(), 0));
}

} // namespace medibridge::state
