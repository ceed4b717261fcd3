#include "base/files/open.hpp"

#include "base/files/hidden_user.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::files {

namespace {

/// A terminal must not become ours, and nothing may be waited for. On a regular file the two mean
/// nothing.
constexpr int always = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

Fault not_regular(mode_t mode) {
    if (S_ISDIR(mode)) return {0, "is a directory, not a regular file: name a file in it"};
    const char* const kind = S_ISFIFO(mode)   ? "a pipe"
                             : S_ISSOCK(mode) ? "a socket"
                             : S_ISLNK(mode)  ? "a symbolic link, which is not followed here"
                                              : "a device";
    return {0, std::string("is not a regular file but ") + kind +
                   ": put the file itself in its place, or remove it"};
}

/// What the failed open(2) of a pipe without reader, a socket, a directory and a link says only by
/// a number.
Fault failure(const Place& place, const char* doing) {
    const int error = errno;
    struct stat status{};
    const bool odd = error == ENXIO || error == EISDIR || error == ELOOP || error == ENODEV;
    if (odd &&
        ::fstatat(place.directory(), place.name().c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        !S_ISREG(status.st_mode))
        return not_regular(status.st_mode);
    return {error, std::string(doing) + ": " + std::generic_category().message(error)};
}

Result<base::Descriptor> opened(const Place& place, int flags, const char* doing) {
    base::Descriptor file(::openat(place.directory(), place.name().c_str(), flags | always));
    if (!file.is_open()) return std::unexpected(failure(place, doing));
    return file;
}

Result<base::Descriptor> opened_regular(const Place& place, int flags, const char* doing,
                                        struct stat& status) {
    auto file = opened(place, flags, doing);
    if (!file) return file;
    if (::fstat(file->number(), &status) != 0) return std::unexpected(failure(place, doing));
    if (!S_ISREG(status.st_mode)) return std::unexpected(not_regular(status.st_mode));
    return file;
}

int flags_of(Access access) {
    switch (access) {
    case Access::read:
        return O_RDONLY;
    case Access::append:
        return O_WRONLY | O_APPEND;
    case Access::read_and_write:
        return O_RDWR;
    }
    return O_RDONLY;
}

Result<base::Descriptor> opened_directory(const Place& place, int flags) {
    return opened(place, O_RDONLY | O_DIRECTORY | flags, "cannot be opened");
}

} // namespace

Place::Place(std::string path) : directory_(AT_FDCWD), name_(std::move(path)) {}

Result<base::Descriptor> open_given(const Place& place) {
    struct stat status{};
    return opened_regular(place, O_RDONLY, "cannot be read", status);
}

Result<base::Descriptor> open_dropped(const Place& place) {
    struct stat status{};
    return opened_regular(place, O_RDONLY | O_NOFOLLOW, "cannot be opened for reading", status);
}

Result<base::Descriptor> open_own(const Place& place, Access access) {
    struct stat status{};
    auto file = opened_regular(place, flags_of(access) | O_NOFOLLOW, "cannot be opened", status);
    if (!file) return file;
    // What is written to it must not reach a file of another name, or of somebody else.
    if (status.st_nlink > 1)
        return std::unexpected(
            Fault(0, "has a second name (hard link): find out who made it (find -samefile), and "
                     "remove the name that does not belong there"));
    if (status.st_uid != ::geteuid() && status.st_uid != 0)
        return std::unexpected(Fault(
            0, "belongs to " + owner_text(status.st_uid) + ", not to this process's (" +
                   std::to_string(::geteuid()) + "): find out who put it there, or chown it"));
    return file;
}

Result<base::Descriptor> make_file(const Place& place, std::uint32_t mode) {
    base::Descriptor file(::openat(place.directory(), place.name().c_str(),
                                   O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | always,
                                   static_cast<mode_t>(mode & 0700U)));
    if (!file.is_open()) return std::unexpected(failure(place, "cannot be made"));
    // The umask of whoever started the process does not decide.
    if (::fchmod(file.number(), static_cast<mode_t>(mode)) != 0)
        return std::unexpected(failure(place, "cannot be given its mode"));
    return file;
}

Result<base::Descriptor> open_or_make_own(const Place& place, Access access) {
    // Somebody may remove it between the two calls, or make it: then there is something to open.
    for (int tries = 0;; ++tries) {
        auto file = open_own(place, access);
        if (file || file.error().error != ENOENT) return file;
        file = make_file(place, 0600);
        if (file || file.error().error != EEXIST || tries == 100) return file;
    }
}

Result<base::Descriptor> open_directory(const Place& place) {
    return opened_directory(place, 0);
}

Result<base::Descriptor> open_own_directory(const Place& place) {
    return opened_directory(place, O_NOFOLLOW);
}

} // namespace medibridge::files
