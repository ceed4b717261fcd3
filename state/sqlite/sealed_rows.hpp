#pragma once

#include "state/row_seal.hpp"

#include <array>
#include <string>
#include <string_view>

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// A table whose rows each have a `mac` of all their other columns, so that it is noticed if
/// anybody changes, exchanges or adds one without the state's key.
struct SealedTable {
    std::string_view name;
    std::string_view key;     ///< the column that names the patient
    std::string_view columns; ///< all but `mac`, in the table's order, comma-separated
    bool packs_ids = false;   ///< ids, `key` among them, have the form of packed_text.hpp
};

inline constexpr SealedTable sealed_link = {
    "link", "external_id",
    "external_id, medicapp_id, source, digests, his_modified_at, medicapp_modified_at,"
    " contact_source, drift, unbelieved_at",
    true};
inline constexpr SealedTable sealed_intent = {"intent", "external_id",
                                              "external_id, kind, medicapp_id, sent"};
inline constexpr SealedTable sealed_held = {
    "held", "key",
    "key, source, reason, field, detail, medicapp_id, request_id, record, attempts, held_at,"
    " acknowledged, looked_at"};
inline constexpr SealedTable sealed_decision = {
    "decision", "key", "key, kind, medicapp_id, record, medicapp, reason, actor, uid, at"};

inline constexpr std::array<SealedTable, 4> sealed_tables = {sealed_link, sealed_intent,
                                                             sealed_held, sealed_decision};

/// Gives the connection the SQL functions `row_mac(table, column, …)` and `has_row_mac(mac, table,
/// column, …)`. Statements that use them can be run, but nothing in a file can call them.
void teach_row_mac(SQLite::Database& database, const RowSeal& seal);

/// `SELECT columns, whether the mac is right FROM table `, to be continued.
std::string select_sealed(const SealedTable& table);
/// A condition for rows whose mac is right.
std::string is_sound(const SealedTable& table);
/// `INSERT INTO table(columns, mac) VALUES (?1, …, row_mac(…))`, to be continued.
std::string insert_sealed(const SealedTable& table);
/// The mac of a row whose columns are the parameters ?1, ?2, …
std::string mac_of_parameters(const SealedTable& table);
/// Seals those of the rows between the keys ?1 and ?2 (included) with the newest key whose mac is
/// right under the former one.
std::string seal_rows_again(const SealedTable& table);
/// Seals every row as it is.
void seal_rows(SQLite::Database& database, const SealedTable& table);

} // namespace medibridge::state
