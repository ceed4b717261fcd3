#include "state/sqlite/statement.hpp"

#include "state/sqlite/packed_text.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

namespace medibridge::state {

Prepared::Prepared(SQLite::Database& database, const char* sql)
    : statement_(std::make_unique<SQLite::Statement>(database, sql)) {}

Prepared::Prepared(Prepared&&) noexcept = default;

Prepared::~Prepared() = default;

Use::~Use() {
    if (!stepped_) return;
    // The result repeats the error of the last step, which was thrown then.
    static_cast<void>(statement_.tryReset());
}

Use& Use::bind(const std::string& text) {
    statement_.bindNoCopy(++bound_, text);
    return *this;
}

Use& Use::bind(std::int64_t number) {
    statement_.bind(++bound_, number);
    return *this;
}

Use& Use::bind(std::optional<Instant> instant) {
    if (instant) return bind(std::int64_t{instant->time_since_epoch().count()});
    statement_.bind(++bound_);
    return *this;
}

Use& Use::bind(std::span<const std::uint8_t> blob) {
    statement_.bindNoCopy(++bound_, blob.data(), static_cast<int>(blob.size()));
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

int Use::run() {
    stepped_ = true;
    return statement_.exec();
}

bool Use::row() {
    stepped_ = true;
    return statement_.executeStep();
}

std::string Use::text(int column) const {
    return statement_.getColumn(column).getString();
}

std::int64_t Use::number(int column) const {
    return statement_.getColumn(column).getInt64();
}

std::optional<Instant> Use::instant(int column) const {
    const SQLite::Column value = statement_.getColumn(column);
    if (value.isNull()) return {};
    return Instant{Instant::duration{value.getInt64()}};
}

std::span<const std::uint8_t> Use::blob(int column) const {
    const SQLite::Column value = statement_.getColumn(column);
    const auto* bytes = static_cast<const std::uint8_t*>(value.getBlob());
    return {bytes, static_cast<std::size_t>(value.getBytes())};
}

bool Use::is_null(int column) const {
    return statement_.isColumnNull(column);
}

std::string Use::id(int column) const {
    return statement_.getColumn(column).isBlob() ? unpack_id(blob(column)) : text(column);
}

std::string Use::fields(int column) const {
    return statement_.getColumn(column).isInteger() ? unpack_fields(number(column)) : text(column);
}

} // namespace medibridge::state
