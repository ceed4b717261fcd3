#pragma once

#include "state/audit_seal.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// The step from the schema version before `to`.
struct Migration {
    int to;
    const char* sql;
    /// What SQL alone cannot do, after it.
    void (*then)(SQLite::Database&, const AuditSeal&) = nullptr;
};

/// Every step from an empty file on, without gaps.
std::span<const Migration> all_migrations();

/// The version that the last step leads to.
int version_after(std::span<const Migration> migrations);

/// The schema version of an open database; 0 for an empty one.
int version_of(SQLite::Database& database);

/// Throws StoreError unless the tables and indexes of both databases have the same definitions:
/// those of the file at `path`, and those of one that this program just `made`.
void check_tables(SQLite::Database& found, SQLite::Database& made,
                  const std::filesystem::path& path);

/// Brings the schema to the newest version in one transaction: all steps or none.
void migrate(SQLite::Database& database, std::span<const Migration> migrations,
             const AuditSeal& seal);

} // namespace medibridge::state
