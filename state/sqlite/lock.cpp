#include "state/sqlite/lock.hpp"

#include "base/bytes/ascii.hpp"
#include "state/sqlite/error.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::state {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot lock the state with " + path + ": " + errno_text(error) +
                         "; the directory and what is in it must belong to the user that runs "
                         "medibridge, and be on a file system that is mounted for writing");
}

/// The process id that the owner wrote; empty while it has not done so yet.
std::string owner(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
    std::string digits;
    for (ssize_t i = 0; i < length && base::is_ascii_digit(text[i]); ++i)
        digits += text[i];
    return digits;
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

void write_owner(int descriptor, const std::string& path) {
    const std::string text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0) fail(path, errno);
    // On a full disk the lock holds all the same; the next one is told of "another process".
    if (::pwrite(descriptor, text.data(), text.size(), 0) < 0 && errno != ENOSPC) fail(path, errno);
}

base::Descriptor take(const std::string& state_file) {
    const std::string path = state_file + ".lock";
    for (;;) {
        base::Descriptor lock(path, O_RDWR | O_CREAT | O_NOFOLLOW);
        if (!lock.is_open()) fail(path, errno);
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

Lock::Lock(const std::filesystem::path& state_file) : descriptor_(take(state_file.string())) {}
} // namespace medibridge::state
