#include "state/sqlite/statement.hpp"

#include "state/sqlite/packed_text.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace medibridge::state {

void Prepared::Finalise::operator()(sqlite3_stmt* statement) const {
    // The result repeats the error of the last step, which was thrown then.
    static_cast<void>(sqlite3_finalize(statement));
}

Prepared::Prepared(SQLite::Database& database, const char* sql) {
    constexpr int to_its_end = -1;
    sqlite3_stmt* statement = nullptr;
    database.check(sqlite3_prepare_v3(database.getHandle(), sql, to_its_end,
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    statement_.reset(statement);
}

Prepared::Prepared(Prepared&&) noexcept = default;

Prepared::~Prepared() = default;

Use::Use(Prepared& prepared) : statement_(prepared.statement_.get()), packed_(prepared.packed_) {}

Use::~Use() {
    if (!stepped_) return;
    // As in Finalise.
    static_cast<void>(sqlite3_reset(statement_));
}

void Use::check(int result) const {
    if (result != SQLITE_OK) throw SQLite::Exception(sqlite3_db_handle(statement_), result);
}

Use& Use::bind(const std::string& text) {
    check(sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                            SQLITE_STATIC));
    return *this;
}

Use& Use::bind(std::int64_t number) {
    check(sqlite3_bind_int64(statement_, ++bound_, number));
    return *this;
}

Use& Use::bind(std::optional<Instant> instant) {
    if (instant) return bind(std::int64_t{instant->time_since_epoch().count()});
    check(sqlite3_bind_null(statement_, ++bound_));
    return *this;
}

Use& Use::bind(std::span<const std::uint8_t> blob) {
    check(sqlite3_bind_blob(statement_, ++bound_, blob.data(), static_cast<int>(blob.size()),
                            SQLITE_STATIC));
    return *this;
}

Use& Use::bind_id(const std::string& id) {
    auto& packed = packed_.ids[bound_ + 1];
    return pack_id(id, packed) ? bind(std::span<const std::uint8_t>(packed)) : bind(id);
}

Use& Use::bind_fields(const std::string& fields) {
    if (fields != packed_.fields) {
        packed_.fields = fields;
        packed_.fields_as_number = pack_fields(fields);
    }
    return packed_.fields_as_number ? bind(*packed_.fields_as_number) : bind(fields);
}

int Use::step() {
    stepped_ = true;
    const int result = sqlite3_step(statement_);
    if (result != SQLITE_ROW && result != SQLITE_DONE) check(result);
    return result;
}

int Use::run() {
    if (step() == SQLITE_ROW) throw SQLite::Exception("a statement that changes answered a row");
    return sqlite3_changes(sqlite3_db_handle(statement_));
}

bool Use::row() {
    return step() == SQLITE_ROW;
}

std::string Use::text(int column) const {
    const auto bytes = blob(column);
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::int64_t Use::number(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::optional<Instant> Use::instant(int column) const {
    if (is_null(column)) return {};
    return Instant{Instant::duration{number(column)}};
}

std::span<const std::uint8_t> Use::blob(int column) const {
    // Of a text these are its bytes.
    const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Use::is_null(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::string Use::id(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_BLOB ? unpack_id(blob(column))
                                                                  : text(column);
}

std::string Use::fields(int column) const {
    return sqlite3_column_type(statement_, column) == SQLITE_INTEGER ? unpack_fields(number(column))
                                                                     : text(column);
}

} // namespace medibridge::state
