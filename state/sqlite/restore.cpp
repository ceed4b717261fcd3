#include "base/files/open.hpp"
#include "state/sqlite/error.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite_store.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void restore_fails(const fs::path& path, int error) {
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot restore: " + path.string() + ": " + errno_text(error));
}

/// Of the two, a full disk or a file too large is about the second.
[[noreturn]] void copy_fails(const fs::path& from, const fs::path& to, int error) {
    if (error == ENOSPC || error == EFBIG || error == EDQUOT || error == EROFS)
        restore_fails(to, error);
    throw StoreError(StoreError::Kind::unavailable, "cannot restore: from " + from.string() +
                                                        " to " + to.string() + ": " +
                                                        errno_text(error));
}

[[noreturn]] void restore_fails(const fs::path& path, const files::Fault& fault) {
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot restore: " + path.string() + " " + fault.text);
}

fs::path with_ending(const fs::path& path, const char* ending) {
    return path.string() + ending;
}

void make_names_durable(const fs::path& directory) {
    const auto opened = files::open_directory(directory);
    if (!opened) restore_fails(directory, opened.error());
    if (::fsync(opened->number()) != 0) restore_fails(directory, errno);
}

/// A copy on the disk, mode 0600; replaces what an earlier try left there.
void copy_durably(const fs::path& from, const fs::path& to) {
    const auto in = files::open_given(from);
    if (!in) restore_fails(from, in.error());
    std::error_code ignored; // it may not be there
    fs::remove(to, ignored);
    const auto out = files::make_file(to, 0600);
    if (!out) restore_fails(to, out.error());
    constexpr std::size_t at_a_time = std::size_t{1} << 24;
    for (;;) {
        const auto count = ::sendfile(out->number(), in->number(), nullptr, at_a_time);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) copy_fails(from, to, errno);
        if (count == 0) break;
    }
    if (::fsync(out->number()) != 0) restore_fails(to, errno);
}

void move(const fs::path& from, const fs::path& to) {
    if (std::rename(from.c_str(), to.c_str()) != 0) copy_fails(from, to, errno);
}

/// Gives the state a second name, and moves its log beside that. The log must not stay: SQLite
/// would apply it to the database that comes in its place.
void keep_old(const fs::path& path, const fs::path& kept) {
    if (::link(path.c_str(), kept.c_str()) != 0) restore_fails(kept, errno);
    for (const char* ending : {"-wal", "-journal"})
        if (fs::exists(with_ending(path, ending)))
            move(with_ending(path, ending), with_ending(kept, ending));
    make_names_durable(path.parent_path());
}

} // namespace

void restore_sqlite(const fs::path& state_file, const fs::path& backup, const fs::path& kept) {
    const fs::path path = settled_path(state_file);
    const Lock lock(path);
    check_backup(backup);
    const fs::path coming = with_ending(path, ".restoring");
    copy_durably(backup, coming);
    // A backup that was copied by hand may still have its log.
    const fs::path log = with_ending(backup, "-wal");
    const bool has_log = fs::exists(log) && fs::file_size(log) > 0;
    if (has_log) copy_durably(log, with_ending(coming, "-wal"));
    const fs::path facts = with_ending(path, ".facts");
    if (!fs::exists(facts) && fs::exists(with_ending(backup, ".facts")))
        copy_durably(with_ending(backup, ".facts"), facts);
    if (fs::exists(path)) keep_old(path, kept);
    if (has_log) move(with_ending(coming, "-wal"), with_ending(path, "-wal"));
    move(coming, path);
    make_names_durable(path.parent_path());
}

} // namespace medibridge::state
