#include "state/sqlite/error.hpp"

#include <SQLiteCpp/Exception.h>
#include <filesystem>
#include <sqlite3.h>
#include <system_error>

namespace medibridge::state {
namespace {

/// What went wrong, and how to fix it.
struct Meaning {
    StoreError::Kind kind;
    const char* cause;
    const char* remedy;
};

Meaning meaning(int code, int extended) {
    using Kind = StoreError::Kind;
    if (extended == SQLITE_CORRUPT_INDEX)
        return {Kind::damaged, "an index says something else than its rows",
                "start it again, which makes the indexes anew; or restore a backup"};
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {Kind::locked, "another program has the file open",
                "close whatever reads it, such as a sqlite3 shell"};
    case SQLITE_NOTADB:
        return {Kind::not_ours, "the file is not a database, or its first page is destroyed",
                "check state.path; if it is the right file, restore a backup of it"};
    case SQLITE_CORRUPT:
        return {Kind::damaged, "the file is damaged",
                "it was left as it is: restore a backup, or move it away and let a full run "
                "rebuild it"};
    case SQLITE_CONSTRAINT:
        return {Kind::damaged, "rows of it contradict each other",
                "restore a backup, or move it away and let a full run rebuild it"};
    case SQLITE_FULL:
        return {Kind::unavailable, "the disk is full",
                "free some space; nothing of this change was kept"};
    case SQLITE_READONLY:
        return {Kind::unavailable, "the file or its directory cannot be written",
                "let the user that runs medibridge own both, on a file system that is mounted "
                "for writing"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return {Kind::unavailable, "the file or one beside it cannot be opened",
                "let the user that runs medibridge own the file and its directory"};
    case SQLITE_IOERR:
        return {Kind::unavailable, "reading or writing failed",
                "look for errors of the disk in the kernel's log, and at limits on file size"};
    case SQLITE_NOMEM:
        return {Kind::unavailable, "memory ran out", "raise the service's memory limit"};
    case SQLITE_ERROR: // a table or a column that is not there: our own statements are tested
        return {Kind::damaged, "a part of it is missing or not as medibridge made it",
                "keep a copy as evidence, find out who could write it, and restore a backup"};
    default:
        return {Kind::unavailable, "SQLite refused", "report this with the words below"};
    }
}

} // namespace

std::string errno_text(int error) {
    return std::generic_category().message(error);
}

StoreError translate(const SQLite::Exception& error, const std::string& doing,
                     const std::string& place, const std::string& what) {
    const int extended = error.getExtendedErrorCode();
    const Meaning found = meaning(error.getErrorCode(), extended);
    const int code = extended < 0 ? error.getErrorCode() : extended;
    return {found.kind, "cannot " + doing + " " + what + " " + place + ": " + found.cause + "; " +
                            found.remedy + " (SQLite " + std::to_string(code) + ": " +
                            error.what() + ")"};
}

void rethrow_as_store_error(std::exception_ptr error, const std::string& doing,
                            const std::string& place) {
    try {
        std::rethrow_exception(std::move(error));
    } catch (const SQLite::Exception& from_sqlite) {
        throw translate(from_sqlite, doing, place);
    } catch (const std::filesystem::filesystem_error& from_system) {
        throw StoreError(StoreError::Kind::unavailable, "cannot " + doing + " the state " + place +
                                                            ": " + from_system.code().message());
    }
}

} // namespace medibridge::state
