#include "state/sqlite/connection.hpp"

#include "base/bytes/encode.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/file_check.hpp"
#include "state/sqlite/keys.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <array>
#include <sqlite3.h>
#include <string_view>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;
using Connection = std::unique_ptr<SQLite::Database>;

// One thread at a time uses a store, so SQLite's own mutexes are not needed.
constexpr int read_and_write = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

// The page cache is most of what the state takes of the daemon's memory.
constexpr const char* settings = "PRAGMA foreign_keys = ON;"
                                 "PRAGMA trusted_schema = OFF;"
                                 "PRAGMA cell_size_check = ON;"
                                 "PRAGMA mmap_size = 0;"
                                 "PRAGMA cache_size = -2000;"
                                 "PRAGMA secure_delete = ON;";

// EXCLUSIVE comes before the first use of the WAL: its index is then in this process's memory,
// and no second connection can checkpoint (SQLite before 3.51.3 may lose commits to two that do).
constexpr const char* file_settings = "PRAGMA locking_mode = EXCLUSIVE;"
                                      "PRAGMA synchronous = FULL;"
                                      "PRAGMA temp_store = MEMORY;"
                                      "PRAGMA journal_size_limit = 33554432;";

// A copy need not survive a crash, so nothing waits for the disk.
constexpr const char* copy_settings = "PRAGMA synchronous = OFF;"
                                      "PRAGMA journal_mode = MEMORY;";

/// To be called before a database is opened. SQLite counts the memory that it takes under a lock,
/// thirty times for each patient that is looked up, and nobody asks for the count. A library of an
/// ODBC driver may have begun to use SQLite before us: then it goes on counting.
void prepare_library() {
    static const int result = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(result);
}

/// While `keep`, closing the connection leaves file and write-ahead log as they are.
void keep_log_on_close(SQLite::Database& database, bool keep) {
    database.check(sqlite3_db_config(database.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE,
                                     keep ? 1 : 0, nullptr));
}

/// No statement may damage the file on purpose, and no trigger or view of a manipulated one runs.
void defend(SQLite::Database& database) {
    sqlite3* const handle = database.getHandle();
    database.check(sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr));
    database.check(sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr));
    database.check(sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr));
}

std::string text_of(SQLite::Database& database, const char* query) {
    return database.execAndGet(query).getString();
}

void check_owner(SQLite::Database& database, const fs::path& path) {
    if (database.execAndGet("PRAGMA application_id").getInt() == application_id) return;
    if (database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0) return;
    throw StoreError(StoreError::Kind::not_ours,
                     path.string() + " is not a state file of medibridge: it is a database of "
                                     "another program; check state.path, nothing was changed in "
                                     "the file");
}

void check_version(SQLite::Database& database, const fs::path& path,
                   std::span<const Migration> migrations) {
    const int version = version_of(database);
    if (version <= version_after(migrations)) return;
    throw StoreError(StoreError::Kind::too_new,
                     "the state " + path.string() + " has schema version " +
                         std::to_string(version) + ", this program knows " +
                         std::to_string(version_after(migrations)) +
                         ": run the newer version of medibridge that wrote it, or restore the "
                         "backup made before the upgrade; nothing was changed in the file");
}

/// Our schema has tables and their indexes alone. Whatever else stands in it would do in our name
/// what somebody wrote there.
void check_schema(SQLite::Database& database, const fs::path& path) {
    SQLite::Statement foreign(database,
                              "SELECT CASE WHEN type = 'table' THEN 'virtual table' ELSE type END "
                              "FROM sqlite_schema WHERE type NOT IN ('table', 'index') "
                              "OR (type = 'table' AND rootpage = 0) LIMIT 1");
    if (!foreign.executeStep()) return;
    const std::string kind = foreign.getColumn(0).getString();
    throw StoreError(StoreError::Kind::not_ours,
                     "somebody changed the state " + path.string() + ": it holds a " +
                         (kind == "trigger" || kind == "view" ? kind : "virtual table") +
                         ", and medibridge makes none. Nothing was changed in the file: find out "
                         "who could write it, and restore a backup made before");
}

/// All but the data itself, however much there is.
void check_kind(SQLite::Database& database, const fs::path& path,
                std::span<const Migration> migrations) {
    check_owner(database, path);
    check_version(database, path, migrations);
    check_schema(database, path);
}

void check(SQLite::Database& database, const fs::path& path,
           std::span<const Migration> migrations) {
    check_kind(database, path, migrations);
    check_integrity(database, path);
}

/// Before anything is written under the key: what was written under another one cannot be read, and
/// the audit's chain would be broken for good.
void check_key(SQLite::Database& database, const fs::path& path, const AuditSeal& seal) {
    if (version_of(database) == 0) return; // a new file
    SQLite::Statement known(database, "SELECT value FROM meta WHERE key = 'key_check'");
    if (!known.executeStep()) return;
    const std::string check = known.getColumn(0).getString();
    const auto& ring = seal.ring();
    // Where the keys were replaced and nobody has opened the state since, it is still the former.
    if (check == seal.key_check() || (ring.former && check == ring.former->check())) return;
    throw StoreError(StoreError::Kind::not_ours,
                     another_key(path, ring.holder, checks_of_keys(database)));
}

void keep_key_check(SQLite::Database& database, const AuditSeal& seal) {
    SQLite::Statement put(database, "INSERT INTO meta (key, value) VALUES ('key_check', ?) "
                                    "ON CONFLICT (key) DO NOTHING");
    put.bind(1, seal.key_check());
    put.exec();
}

void switch_to_wal(SQLite::Database& database, const fs::path& path) {
    const std::string mode = text_of(database, "PRAGMA journal_mode = WAL");
    if (mode == "wal") return;
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot write the state " + path.string() +
                         " through a write-ahead log, only through '" + mode +
                         "': put it on a local disk");
}

/// A file: URI; SQLite decodes percent signs and ends the path at ? and #.
std::string uri(const fs::path& path, const char* parameters) {
    const auto stays = [](char c) { return c != '%' && c != '?' && c != '#'; };
    return "file:" + base::percent_encode(path.string(), stays) + parameters;
}

bool has_content(const fs::path& path) {
    std::error_code missing;
    const auto size = fs::file_size(path, missing);
    return !missing && size > 0;
}

Connection connect_to_temporary() {
    prepare_library();
    // No name: SQLite keeps it in its cache, and what does not fit in a file that has no name.
    auto database = std::make_unique<SQLite::Database>("", read_and_write | SQLITE_OPEN_CREATE);
    defend(*database);
    database->exec(settings);
    database->exec(copy_settings);
    return database;
}

} // namespace

std::string another_key(const fs::path& path, const std::string& given,
                        const std::vector<std::string>& needed) {
    std::string listed;
    for (const auto& check : needed)
        listed += (listed.empty() ? "" : " or ") + check;
    return "the state " + path.string() + " was written with another key: it opens with the key " +
           listed + ", and the one that is there is " + given +
           " (these are checks, not the keys). Restore the previous key (state.key, or the file "
           "beside the state), or move the state file away and run with --full";
}

// Without a write-ahead log the file can be read as immutable
// (its lock is held); with one, SQLite must read the log into memory first.
Connection connect_for_reading(const fs::path& path) {
    prepare_library();
    if (has_content(path.string() + "-journal"))
        throw StoreError(StoreError::Kind::unavailable,
                         "the state " + path.string() +
                             " was being made when its maker was cut off: start medibridged once, "
                             "which tidies up");
    if (!has_content(path.string() + "-wal"))
        return std::make_unique<SQLite::Database>(uri(path, "?immutable=1"),
                                                  SQLITE_OPEN_READONLY | SQLITE_OPEN_URI |
                                                      SQLITE_OPEN_NOMUTEX);
    auto database = std::make_unique<SQLite::Database>(path.string(), read_and_write);
    keep_log_on_close(*database, true);
    defend(*database);
    database->exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON;");
    return database;
}

Connection connect(const fs::path& path, const AuditSeal& seal, const Surroundings& surroundings,
                   WholeCheck whole) {
    prepare_library();
    const auto migrations = surroundings.migrations;
    // A real file is there already, prepared.
    const int flags =
        read_and_write | (surroundings.vfs.empty() ? SQLITE_OPEN_NOFOLLOW : SQLITE_OPEN_CREATE);
    auto database = std::make_unique<SQLite::Database>(path.string(), flags, 0, surroundings.vfs);
    keep_log_on_close(*database, true);
    defend(*database);
    // The file's own settings first: cache_size already reads the file.
    database->exec(file_settings);
    // 4000 pages, 16 MiB, so that many commits to one page become one write.
    database->exec("PRAGMA wal_autocheckpoint = " + std::to_string(surroundings.log_pages));
    database->exec(settings);
    check_kind(*database, path, migrations);
    // A migration writes everything anew.
    const bool migrates = version_of(*database) < version_after(migrations);
    if (whole == WholeCheck::now || migrates) check_integrity(*database, path);
    // A new file gets its schema, and with it our mark, before the log: the mark is then in the
    // file itself, where it is looked for before SQLite touches anything.
    check_key(*database, path, seal);
    teach_row_mac(*database, seal.rows());
    migrate(*database, migrations, seal);
    switch_to_wal(*database, path);
    keep_log_on_close(*database, false);
    keep_key_check(*database, seal);
    return database;
}

Connection connect_to_copy(const fs::path& path, const AuditSeal& seal,
                           std::span<const Migration> migrations) {
    auto copy = connect_to_temporary();
    {
        auto original = connect_for_reading(path);
        if (SQLite::Backup(*copy, *original).executeStep() != SQLITE_DONE)
            throw StoreError(StoreError::Kind::locked,
                             "cannot copy the state " + path.string() +
                                 ": another program has the file open; close it");
    }
    check(*copy, path, migrations);
    check_key(*copy, path, seal);
    teach_row_mac(*copy, seal.rows());
    migrate(*copy, migrations, seal);
    return copy;
}

Connection connect_to_nothing(const AuditSeal& seal, std::span<const Migration> migrations) {
    auto database = connect_to_temporary();
    teach_row_mac(*database, seal.rows());
    migrate(*database, migrations, seal);
    return database;
}

bool cut_off_log(SQLite::Database& database) {
    try {
        return database.execAndGet("PRAGMA wal_checkpoint(TRUNCATE)").getInt() == 0;
    } catch (const SQLite::Exception&) {
        return false;
    }
}

int check_unused(const fs::path& path, std::span<const Migration> migrations) {
    const auto database = connect_for_reading(path);
    check(*database, path, migrations);
    return version_of(*database);
}

void copy_to(SQLite::Database& database, const fs::path& path) {
    // Nobody else knows the file yet, and a backup may go where locks do not work.
    SQLite::Database copy(uri(path, "?nolock=1"), read_and_write | SQLITE_OPEN_URI);
    copy.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF; PRAGMA cache_size = -2000;");
    const int code = SQLite::Backup(copy, database).executeStep();
    if (code != SQLITE_DONE) throw SQLite::Exception("while copying", code);
}

} // namespace medibridge::state
