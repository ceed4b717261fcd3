#include "state/sqlite/sealed_rows.hpp"

#include <SQLiteCpp/Database.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <span>
#include <sqlite3.h>

namespace medibridge::state {
namespace {

/// The type of a value, and the number that it is, or that its bytes are.
void append_head(std::string& text, int type, std::int64_t number) {
    std::array<char, 1 + sizeof(number)> bytes{static_cast<char>(type)};
    for (std::size_t i = 0; i < sizeof(number); ++i)
        bytes[1 + i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
    text.append(bytes.data(), bytes.size());
}

/// A value behind its type, and bytes behind their length, so that no two rows are spelled alike.
void append_value(std::string& text, sqlite3_value* value) {
    const int type = sqlite3_value_type(value);
    if (type == SQLITE_NULL) {
        text += static_cast<char>(type);
        return;
    }
    if (type == SQLITE_INTEGER) return append_head(text, type, sqlite3_value_int64(value));
    // A number with a fraction, which no column holds, is spelled as text.
    const auto* bytes = type == SQLITE_BLOB ? sqlite3_value_blob(value)
                                            : static_cast<const void*>(sqlite3_value_text(value));
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    append_head(text, type, static_cast<std::int64_t>(size));
    if (size > 0) text.append(static_cast<const char*>(bytes), size);
}

/// Of one connection: what it spells a row in, and the key.
struct RowMac {
    explicit RowMac(RowSeal its_seal) : seal(std::move(its_seal)) {}
    RowSeal seal;
    std::string row;
};

using Values = std::span<sqlite3_value*>;

void compute_row_mac(sqlite3_context* context, RowMac& its, Values values) {
    for (auto* value : values)
        append_value(its.row, value);
    sqlite3_result_int64(context, its.seal.mac(its.row));
}

/// The mac comes first.
void check_row_mac(sqlite3_context* context, RowMac& its, Values values) {
    if (values.empty()) return sqlite3_result_int(context, 0);
    for (auto* value : values.subspan(1))
        append_value(its.row, value);
    const bool right = its.seal.vouches(its.row, sqlite3_value_int64(values[0]));
    sqlite3_result_int(context, right ? 1 : 0);
}

/// What SQLite calls: no exception may pass through it.
template <void function(sqlite3_context*, RowMac&, Values)>
void call(sqlite3_context* context, int count, sqlite3_value** values) noexcept {
    auto& its = *static_cast<RowMac*>(sqlite3_user_data(context));
    its.row.clear();
    try {
        function(context, its, Values(values, static_cast<std::size_t>(count)));
    } catch (const std::bad_alloc&) {
        sqlite3_result_error_nomem(context);
    }
}

void forget_row_mac(void* its) {
    delete static_cast<RowMac*>(its);
}

/// What a mac is of, as parameters of a function.
std::string row_of(const SealedTable& table) {
    return "'" + std::string(table.name) + "', " + std::string(table.columns);
}

std::string mac_of_columns(const SealedTable& table) {
    return "row_mac(" + row_of(table) + ")";
}

} // namespace

void teach_row_mac(SQLite::Database& database, const RowSeal& seal) {
    constexpr int any_number = -1;
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    const auto teach = [&](const char* name, auto function) {
        database.check(sqlite3_create_function_v2(database.getHandle(), name, any_number, flags,
                                                  new RowMac(seal), function, nullptr, nullptr,
                                                  forget_row_mac));
    };
    teach("row_mac", call<compute_row_mac>);
    teach("has_row_mac", call<check_row_mac>);
}

std::string select_sealed(const SealedTable& table) {
    return "SELECT " + std::string(table.columns) + ", " + is_sound(table) + " FROM " +
           std::string(table.name) + " ";
}

std::string is_sound(const SealedTable& table) {
    return "has_row_mac(mac, " + row_of(table) + ")";
}

std::string mac_of_parameters(const SealedTable& table) {
    std::string text = "row_mac('" + std::string(table.name) + "'";
    const auto count = std::ranges::count(table.columns, ',') + 1;
    for (std::ptrdiff_t i = 1; i <= count; ++i)
        text += ", ?" + std::to_string(i);
    return text + ")";
}

std::string insert_sealed(const SealedTable& table) {
    std::string values;
    const auto count = std::ranges::count(table.columns, ',') + 1;
    for (std::ptrdiff_t i = 1; i <= count; ++i)
        values += "?" + std::to_string(i) + ", ";
    return "INSERT INTO " + std::string(table.name) + "(" + std::string(table.columns) +
           ", mac) VALUES (" + values + mac_of_parameters(table) + ") ";
}

std::string seal_rows_again(const SealedTable& table) {
    const std::string key(table.key);
    return "UPDATE " + std::string(table.name) + " SET mac = " + mac_of_columns(table) + " WHERE " +
           key + " > ?1 AND " + key + " <= ?2 AND mac <> " + mac_of_columns(table) + " AND " +
           is_sound(table);
}

void seal_rows(SQLite::Database& database, const SealedTable& table) {
    database.exec("UPDATE " + std::string(table.name) + " SET mac = " + mac_of_columns(table));
}

} // namespace medibridge::state
