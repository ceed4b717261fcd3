#pragma once

#include "state/audit_seal.hpp"
#include "state/facts_log.hpp"
#include "state/sqlite/compaction.hpp"
#include "state/sqlite/file.hpp"
#include "state/sqlite/ownership.hpp"
#include "state/sqlite/schema.hpp"
#include "state/sqlite_store.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace medibridge::state {

/// What a store finds when it opens; tests replace it.
struct Surroundings {
    FileSystem (*file_system)(const std::filesystem::path&) = &file_system_of;
    std::span<const Migration> migrations = all_migrations();
    std::string vfs = {}; ///< the disk, as SQLite knows it by name; empty: the real one
    int log_pages = 4000; ///< the log is folded into the database when it has this many
    std::int64_t (*now_ms)() = &machine_now_ms;
    std::int64_t compacted_from = Compaction::few_links; ///< so many links are worth it
};

/// When the whole file is checked: before it is used, or by whoever connects to it.
enum class WholeCheck { now, later };

/// open_sqlite and open_sqlite_copy in given surroundings.
std::unique_ptr<Store> open_sqlite_in(const std::filesystem::path& path, const AuditSeal& seal,
                                      const Surroundings& surroundings,
                                      CheckInBackground check = {});
std::unique_ptr<Store> open_sqlite_copy_in(const std::filesystem::path& path, const AuditSeal& seal,
                                           const Surroundings& surroundings);

/// open_sqlite on a disk that only SQLite knows (`surroundings.vfs`), such as a simulated one,
/// without what only real files have: a lock file, a mode, an owner, a kind of file system. Facts
/// are written to `facts`, if that is given.
std::unique_ptr<Store> open_sqlite_on_vfs(const std::string& name, const AuditSeal& seal,
                                          const Surroundings& surroundings,
                                          std::unique_ptr<AppendOnly> facts = nullptr);

/// A connection that leaves no trace in the file, whose lock is held. Throws StoreError.
std::unique_ptr<SQLite::Database> connect_for_reading(const std::filesystem::path& path);

/// For an operator: the state was sealed with another key than the one whose check is given.
std::string another_key(const std::filesystem::path& path, const std::string& given,
                        const std::vector<std::string>& needed);

/// Connects to a prepared file whose lock is held: checked, migrated, and in the journal mode that
/// survives power cuts. Nothing is written unless all checks pass. A file that is to be migrated is
/// checked as a whole in any case.
std::unique_ptr<SQLite::Database> connect(const std::filesystem::path& path, const AuditSeal& seal,
                                          const Surroundings& surroundings, WholeCheck whole);

/// A separate database with the content of the file, which disappears with the connection. The file
/// is only read.
std::unique_ptr<SQLite::Database> connect_to_copy(const std::filesystem::path& path,
                                                  const AuditSeal& seal,
                                                  std::span<const Migration> migrations);

/// The same for a file that does not exist: no file is made.
std::unique_ptr<SQLite::Database> connect_to_nothing(const AuditSeal& seal,
                                                     std::span<const Migration> migrations);

/// Folds the log into the database and cuts it off. False: it could not be done now.
bool cut_off_log(SQLite::Database& database);

/// Checks a file that nobody uses, as check_backup does.
int check_unused(const std::filesystem::path& path, std::span<const Migration> migrations);

/// Writes a copy of an open database to a new, empty file, without waiting for the disk.
void copy_to(SQLite::Database& database, const std::filesystem::path& path);

} // namespace medibridge::state
