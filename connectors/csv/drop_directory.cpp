#include "connectors/csv/drop_directory.hpp"

#include "base/files/content.hpp"
#include "config/source_kind.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <memory>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::connectors {

namespace {

constexpr const char* done_name = "done";
constexpr const char* rejected_name = "rejected";
/// The dropper, who is in the folder's group, may read what became of a file; others may not.
constexpr mode_t folder_mode = 0750;
constexpr mode_t file_mode = 0640;
constexpr int most_numbers = 100'000;
constexpr std::size_t longest_kept_name = 220; ///< of 255 bytes: a number and an ending follow

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// `what` is followed by the fault's words: `done/ cannot be opened: …`.
[[noreturn]] void fail(const std::string& what, const files::Fault& fault) {
    throw std::runtime_error(what + " " + fault.text);
}

base::Descriptor open_or_fail(const std::string& what, files::Result<base::Descriptor> opened) {
    if (!opened) fail(what, opened.error());
    return *std::move(opened);
}

std::int64_t nanoseconds(const timespec& time) {
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

DroppedFile file_of(std::string name, const struct stat& facts) {
    DroppedFile file;
    file.name = std::move(name);
    file.device = facts.st_dev;
    file.inode = facts.st_ino;
    file.size = static_cast<std::uint64_t>(facts.st_size);
    file.modified_ns = nanoseconds(facts.st_mtim);
    file.changed_ns = nanoseconds(facts.st_ctim);
    return file;
}

bool is_older(const DroppedFile& a, const DroppedFile& b) {
    return a.since_ns() != b.since_ns() ? a.since_ns() < b.since_ns() : a.name < b.name;
}

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// Never replaces an existing file. EINVAL: the file system cannot promise that (NFS, some FUSE).
bool rename_to_free_name(const base::Descriptor& from, const std::string& old_name,
                         const base::Descriptor& to, const std::string& new_name) {
    if (::renameat2(from.number(), old_name.c_str(), to.number(), new_name.c_str(),
                    RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EEXIST) return false;
    if (errno != EINVAL && errno != ENOSYS) fail("cannot be moved");
    struct stat facts{};
    if (::fstatat(to.number(), new_name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) return false;
    if (::renameat(from.number(), old_name.c_str(), to.number(), new_name.c_str()) != 0)
        fail("cannot be moved");
    return true;
}

std::string numbered(const std::string& name, int number) {
    const auto kept = name.substr(0, longest_kept_name);
    return number == 0 ? kept : kept + '.' + std::to_string(number);
}

void sync_directory(const base::Descriptor& directory) {
    // EINVAL: a file system without it.
    if (::fsync(directory.number()) != 0 && errno != EINVAL) fail("cannot be made durable");
}

constexpr const char* reason_draft = ".reason.new";

/// A directory of ours is nobody else's to write in, and the group of the drop folder's to read.
void narrow_folder(const base::Descriptor& around, const base::Descriptor& folder, bool is_new) {
    struct stat outer{};
    struct stat own{};
    if (::fstat(around.number(), &outer) != 0 || ::fstat(folder.number(), &own) != 0) return;
    if (own.st_uid != ::geteuid()) return;
    // Only a member of that group may give it a file, and not under systemd's unit: there it comes
    // from the folder's setgid bit, which stays.
    if (is_new && own.st_gid != outer.st_gid)
        static_cast<void>(::fchown(folder.number(), static_cast<uid_t>(-1), outer.st_gid));
    if (is_new || (own.st_mode & (S_IWGRP | S_IRWXO)) != 0)
        static_cast<void>(::fchmod(folder.number(), folder_mode | (own.st_mode & S_ISGID)));
}

/// A file of ours that has no other name loses the rights of others. One of the dropper's stays as
/// it is; the folder keeps others out.
void narrow_file(const base::Descriptor& around, const base::Descriptor& folder,
                 const std::string& name) {
    struct stat outer{};
    struct stat info{};
    const auto file = files::open_own({folder, name}, files::Access::read);
    if (!file || ::fstat(file->number(), &info) != 0 || info.st_uid != ::geteuid()) return;
    if (::fstat(around.number(), &outer) == 0 && outer.st_gid != info.st_gid)
        static_cast<void>(::fchown(file->number(), static_cast<uid_t>(-1), outer.st_gid));
    static_cast<void>(::fchmod(file->number(), file_mode));
}

/// Takes the place of what has this name, without touching it: it may be another name of a file
/// elsewhere. False if a directory has it.
bool write_reason(const base::Descriptor& folder, const std::string& name, std::string_view text) {
    ::unlinkat(folder.number(), reason_draft, 0);
    const auto file = files::make_file({folder, reason_draft}, file_mode);
    if (!file) fail("the reason beside it", file.error());
    const auto fault = files::write_all(*file, text);
    int error = fault ? fault->error : 0;
    if (error == 0 && ::fsync(file->number()) != 0) error = errno;
    if (error == 0 && ::renameat(folder.number(), reason_draft, folder.number(), name.c_str()) != 0)
        error = errno;
    if (error == 0) return true;
    ::unlinkat(folder.number(), reason_draft, 0);
    if (error == EISDIR) return false;
    errno = error;
    fail("the reason beside it cannot be written");
}

constexpr std::size_t buffer_size = 64 << 10;
constexpr std::uint32_t watched =
    IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

ArrivalWatch::Happening happening_of(std::uint32_t mask) {
    if (mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT))
        return ArrivalWatch::Happening::ended;
    if (mask & IN_Q_OVERFLOW) return ArrivalWatch::Happening::unknown;
    return mask & IN_MOVED_TO ? ArrivalWatch::Happening::renamed_into
                              : ArrivalWatch::Happening::written;
}

base::Descriptor watch(const std::filesystem::path& directory) {
    base::Descriptor descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!descriptor.is_open() ||
        ::inotify_add_watch(descriptor.number(), directory.c_str(), watched) < 0)
        throw std::system_error(errno, std::generic_category(), "cannot be watched");
    return descriptor;
}

} // namespace

DiskError::DiskError(const std::system_error& error)
    : what(error.what()),
      is_read_only(error.code() == std::errc::read_only_file_system) {
    if (is_read_only)
        what +=
            ": restart the service, as a folder that was made after its start stays read-only "
            "for it until then; if it is so after a restart, name the folder in ReadWritePaths= "
            "of the unit";
}

DropDirectory::DropDirectory(std::filesystem::path directory, std::string pattern)
    : directory_(std::move(directory)),
      pattern_(std::move(pattern)) {}

DropDirectory::~DropDirectory() = default;

bool DropDirectory::matches(const std::string& name) const {
    return !name.starts_with('.') && ::fnmatch(pattern_.c_str(), name.c_str(), FNM_PERIOD) == 0;
}

std::vector<DroppedFile> DropDirectory::list(std::size_t limit) {
    folder_ = open_or_fail("it", files::open_directory(directory_));
    base::Descriptor own = open_or_fail("it", files::open_own_directory({folder_, "."}));
    const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(own.number()));
    if (!entries) fail("cannot be listed");
    own.release(); // closedir() closes it
    std::vector<DroppedFile> files;
    for (;;) {
        errno = 0;
        const auto* entry = ::readdir(entries.get());
        if (entry == nullptr && errno != 0) fail("cannot be listed");
        if (entry == nullptr) break;
        std::string name = entry->d_name;
        if (!matches(name)) continue;
        struct stat facts{};
        const int failed = ::fstatat(folder_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW);
        if (failed != 0 && errno == ENOENT) continue; // it has just gone
        if (failed != 0) fail("cannot be listed");
        if (!S_ISREG(facts.st_mode)) continue;
        files.push_back(file_of(std::move(name), facts));
        std::ranges::push_heap(files, is_older);
        if (files.size() <= limit) continue;
        std::ranges::pop_heap(files, is_older); // the newest
        files.pop_back();
    }
    std::ranges::sort(files, is_older);
    return files;
}

base::Descriptor DropDirectory::open_folder(const char* name) const {
    const bool is_new = ::mkdirat(folder_.number(), name, folder_mode) == 0;
    if (!is_new && errno != EEXIST) fail(std::string(name) + "/ cannot be created");
    auto folder = open_or_fail(std::string(name) + "/", files::open_own_directory({folder_, name}));
    narrow_folder(folder_, folder, is_new);
    if (::faccessat(folder.number(), ".", W_OK | X_OK, AT_EACCESS) != 0)
        fail(std::string(name) + "/ cannot be written");
    return folder;
}

void DropDirectory::prepare() {
    if (::faccessat(folder_.number(), ".", W_OK | X_OK, AT_EACCESS) != 0)
        fail("files in it cannot be moved");
    done_ = open_folder(done_name);
    rejected_ = open_folder(rejected_name);
}

std::int64_t DropDirectory::now_ns() {
    // A file server sets this time by its own clock. Where we may not (another's folder on a local
    // disk), the last change of the folder serves: it is never ahead of the clock.
    const std::array<timespec, 2> now{timespec{0, UTIME_NOW}, timespec{0, UTIME_NOW}};
    static_cast<void>(::futimens(done_.number(), now.data()));
    struct stat facts{};
    if (::fstat(done_.number(), &facts) != 0) fail("done/ cannot be examined");
    return file_of({}, facts).modified_ns;
}

base::Descriptor DropDirectory::open(const DroppedFile& file) {
    auto opened = files::open_dropped({folder_, file.name});
    const int error = opened ? 0 : opened.error().error;
    if (error != 0 && error != ENOENT) {
        errno = error;
        fail("cannot be opened for reading");
    }
    if (!opened || !is_unchanged(*opened, file)) return {};
    ::posix_fadvise(opened->number(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return *std::move(opened);
}

bool DropDirectory::is_unchanged(const base::Descriptor& open, const DroppedFile& file) {
    struct stat facts{};
    if (::fstat(open.number(), &facts) != 0) fail("cannot be examined");
    return S_ISREG(facts.st_mode) && file_of(file.name, facts) == file;
}

bool DropDirectory::move_to_done(const DroppedFile& file) {
    return move(file, done_name, {});
}

bool DropDirectory::move_to_rejected(const DroppedFile& file, std::string_view reason) {
    return move(file, rejected_name, reason);
}

bool DropDirectory::move(const DroppedFile& file, const char* target, std::string_view reason) {
    const base::Descriptor& folder = target == done_name ? done_ : rejected_;
    for (int number = 0; number < most_numbers; ++number) {
        const auto name = numbered(file.name, number);
        struct stat facts{};
        if (::fstatat(folder.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) continue;
        if (::fstatat(folder_.number(), file.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
            return false; // taken away
        // The reason first: after a power cut nobody finds a rejected file without one.
        const auto reason_name = name + std::string(config::KindSettings::reason_ending);
        if (!reason.empty() && !write_reason(folder, reason_name, reason)) continue;
        const bool moved = rename_to_free_name(folder_, file.name, folder, name);
        const bool right =
            moved && ::fstatat(folder.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
            file_of(file.name, facts) == file;
        if (right) {
            narrow_file(folder_, folder, name);
            sync_directory(folder);
            sync_directory(folder_);
            return true;
        }
        if (!reason.empty()) ::unlinkat(folder.number(), reason_name.c_str(), 0);
        if (!moved) continue;
        // The file was replaced or written to at the last moment: what was moved was never read.
        if (!rename_to_free_name(folder, name, folder_, file.name))
            fail("a newer file of that name lies in " + std::string(target) +
                 "/ without having been read: move it back");
        return false;
    }
    errno = EEXIST;
    fail("cannot be moved: empty " + std::string(target) + "/");
}

std::string DropDirectory::kept_because() const {
    struct stat info{};
    if (::fstat(done_.number(), &info) != 0) fail("done/ cannot be examined");
    constexpr mode_t others = S_IWGRP | S_IWOTH;
    if (info.st_uid == ::geteuid() && (info.st_mode & others) == 0) return {};
    return "files in done/ are not deleted (`keep`), because done/ belongs to another user or can "
           "be written by others, who may have put files of their own there: chown it to the "
           "service's user and chmod 750 it";
}

/// A name that matches, with the number that a second one of that name gets or without.
bool DropDirectory::may_have_been_moved(std::string_view name) const {
    if (matches(std::string(name))) return true;
    const auto dot = name.rfind('.');
    return dot != std::string_view::npos && dot + 1 < name.size() &&
           std::ranges::all_of(name.substr(dot + 1), [](char c) { return c >= '0' && c <= '9'; }) &&
           matches(std::string(name.substr(0, dot)));
}

std::size_t DropDirectory::delete_done(std::int64_t age_ns, std::size_t limit) {
    if (!kept_because().empty()) return 0;
    base::Descriptor own = open_or_fail("done/", files::open_own_directory({done_, "."}));
    const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(own.number()));
    if (!entries) fail("done/ cannot be listed");
    own.release(); // closedir() closes it
    const std::int64_t now = now_ns();
    std::size_t deleted = 0;
    while (const auto* entry = deleted < limit ? ::readdir(entries.get()) : nullptr) {
        const std::string name = entry->d_name;
        struct stat facts{};
        if (!may_have_been_moved(name) ||
            ::fstatat(done_.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(facts.st_mode))
            continue;
        // Moving a file set this time, and nobody can set it back.
        if (now - nanoseconds(facts.st_ctim) < age_ns) continue;
        if (::unlinkat(done_.number(), name.c_str(), 0) == 0) ++deleted;
    }
    if (deleted > 0) sync_directory(done_);
    return deleted;
}

struct ArrivalWatch::State : std::enable_shared_from_this<State> {
    State(const boost::asio::any_io_executor& executor, base::Descriptor descriptor, Tell tell_)
        : stream(executor, descriptor.release()),
          tell(std::move(tell_)) {}

    void wait() {
        stream.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](boost::system::error_code error) {
                              if (!error && self->read()) self->wait();
                          });
    }

    /// Reports all that has come; false if nothing more will come.
    bool read() {
        alignas(inotify_event) std::array<char, buffer_size> buffer;
        for (;;) {
            const auto size = ::read(stream.native_handle(), buffer.data(), buffer.size());
            if (size <= 0) return size < 0 && (errno == EAGAIN || errno == EINTR);
            for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
                inotify_event event{};
                std::memcpy(&event, buffer.data() + at, sizeof event);
                const char* name = buffer.data() + at + sizeof event;
                at += sizeof event + event.len;
                const auto happening = happening_of(event.mask);
                const Tell now = tell; // a copy: what is told may end the watch
                if (!now) return false;
                now(happening, event.len > 0 ? std::string(name) : std::string());
                if (happening == Happening::ended) return false;
            }
        }
    }

    boost::asio::posix::stream_descriptor stream;
    Tell tell; ///< empty: nobody listens
};

ArrivalWatch::ArrivalWatch(const boost::asio::any_io_executor& executor,
                           const std::filesystem::path& directory, Tell tell)
    : state_(std::make_shared<State>(executor, watch(directory), std::move(tell))) {
    state_->wait();
}

ArrivalWatch::~ArrivalWatch() {
    state_->tell = nullptr;
    boost::system::error_code ignored; // closing an inotify descriptor cannot fail
    state_->stream.close(ignored);
}

} // namespace medibridge::connectors
