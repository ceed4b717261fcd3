#include "state/sqlite/mending.hpp"

#include "base/bytes/encode.hpp"
#include "state/sqlite/file_check.hpp"
#include "state/sqlite/statement.hpp"
#include "state/store.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <algorithm>
#include <set>
#include <sqlite3.h>
#include <string>
#include <vector>

namespace medibridge::state {
namespace {

/// A row stands in the table's own order, whatever that is worth.
std::string rows_of(const SealedTable& table) {
    return std::string(table.name) + " NOT INDEXED WHERE ";
}

bool has_altered(const AlteredRows& altered, std::string_view table) {
    return std::ranges::find(altered.rows, table, &AlteredRow::table) != altered.rows.end();
}

/// The keys that sound rows have, of those that altered ones have.
std::set<std::string> keys_of_both(SQLite::Database& database, const AlteredRows& altered,
                                   const SealedTable& table) {
    std::set<std::string> keys;
    for (const auto& row : altered.rows)
        if (row.table == table.name) keys.insert(row.key);
    const auto sql =
        "SELECT " + std::string(table.key) + " FROM " + rows_of(table) + is_sound(table);
    Prepared sound(database, sql.c_str());
    std::set<std::string> both;
    for (Use use(sound); use.row();)
        if (keys.contains(use.id(0))) both.insert(use.id(0));
    return both;
}

[[noreturn]] void contradictory(const std::filesystem::path& path, const std::string& words) {
    throw StoreError(StoreError::Kind::damaged,
                     "rows of the state " + path.string() +
                         " contradict each other, and its indexes cannot be made anew: restore a "
                         "backup, or move it away and let a full run rebuild it (SQLite: " +
                         words + ")");
}

std::int64_t count_of(SQLite::Database& database, const std::string& query) {
    return database.execAndGet(query).getInt64();
}

std::vector<std::string> all_tables(SQLite::Database& database) {
    std::vector<std::string> names;
    SQLite::Statement tables(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                                       "name NOT LIKE 'sqlite~_%' ESCAPE '~'");
    while (tables.executeStep())
        names.push_back(tables.getColumn(0).getString());
    return names;
}

} // namespace

void look_over(SQLite::Database& database, AlteredRows& altered,
               const std::filesystem::path& path) {
    for (const SealedTable& table : sealed_tables) {
        if (!has_altered(altered, table.name)) continue;
        const auto both = keys_of_both(database, altered, table);
        for (auto& row : altered.rows)
            if (row.table == table.name && both.contains(row.key))
                row.key = "altered:" + base::hex(row.key);
    }
    if (indexes_are_right(database, path)) return;
    ++altered.count;
    altered.rows.push_back({index_rows, {}});
}

void refuse_altered(SQLite::Database& database, AlteredRows altered,
                    const std::filesystem::path& path) {
    look_over(database, altered, path);
    if (altered.count == 0) return;
    throw StoreError(StoreError::Kind::damaged,
                     "rows or indexes of the state " + path.string() +
                         " are not as medibridge wrote them, and stand in the way of what was "
                         "to be written: the next start sets them right; or restore a backup");
}

void make_indexes_anew(SQLite::Database& database, const AlteredRows& altered,
                       const std::filesystem::path& path) {
    try {
        for (const auto& table : all_tables(database))
            if (!has_altered(altered, table)) database.exec("REINDEX " + table);
    } catch (const SQLite::Exception& error) {
        if (error.getErrorCode() != SQLITE_CONSTRAINT) throw;
        contradictory(path, error.what());
    }
    const bool only_indexes = altered.count == 1 && has_altered(altered, index_rows);
    if (only_indexes && !indexes_are_right(database, path))
        contradictory(path, "its indexes stay wrong");
}

// No search is asked where a row stands, and the indexes are emptied and filled anew. Of two sound
// rows that name the same patient of Medicapp's one stays: the other's is looked for there.
std::array<std::int64_t, sealed_tables.size()> drop_altered(SQLite::Database& database) {
    std::array<std::int64_t, sealed_tables.size()> dropped{};
    for (std::size_t i = 0; i < sealed_tables.size(); ++i) {
        const SealedTable& table = sealed_tables[i];
        const std::string name(table.name);
        const std::string columns = std::string(table.columns) + ", mac";
        const auto count = "SELECT count(*) FROM " + name;
        const auto before = count_of(database, count);
        if (count_of(database,
                     "SELECT count(*) FROM " + rows_of(table) + "NOT " + is_sound(table)) == 0)
            continue;
        database.exec("CREATE TABLE sound_rows(" + columns + ")");
        database.exec("INSERT INTO sound_rows SELECT " + columns + " FROM " + rows_of(table) +
                      is_sound(table));
        database.exec("DELETE FROM " + name);
        database.exec("INSERT OR IGNORE INTO " + name + "(" + columns + ") SELECT " + columns +
                      " FROM sound_rows");
        database.exec("DROP TABLE sound_rows");
        dropped[i] = before - count_of(database, count);
    }
    return dropped;
}

} // namespace medibridge::state
