#pragma once

#include "state/records.hpp"
#include "state/sqlite/sealed_rows.hpp"

#include <array>
#include <cstdint>
#include <filesystem>

/// What is done about rows that are not as medibridge wrote them, and about indexes that say
/// something else than the rows. A table without rowids is its own index: a changed key may stand
/// where no search finds it, or beside an equal one.
namespace medibridge::state {

/// The name that a row of AlteredRows has for what indexes say, which is about nobody.
inline constexpr const char* index_rows = "indexes";

/// Adds to the altered rows what indexes say otherwise than the rows, counted as one row. A row
/// whose key another, sound one has is about somebody whom nobody can name any more: it gets a key
/// of its own. Reads the whole file. Throws StoreError if its structure is damaged.
void look_over(SQLite::Database& database, AlteredRows& altered, const std::filesystem::path& path);

/// Throws StoreError (damaged) if anything is altered: it stands in the way of a commit.
void refuse_altered(SQLite::Database& database, AlteredRows altered,
                    const std::filesystem::path& path);

/// Makes the indexes of all tables anew, but for those of tables with altered rows: drop_altered()
/// does that. Throws StoreError (damaged) where rows contradict each other.
void make_indexes_anew(SQLite::Database& database, const AlteredRows& altered,
                       const std::filesystem::path& path);

/// Removes every altered row, wherever it stands, with what indexes say of it; how many of each of
/// sealed_tables. Within a transaction.
std::array<std::int64_t, sealed_tables.size()> drop_altered(SQLite::Database& database);

} // namespace medibridge::state
