#include "connectors/sql/odbc_connection.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"
#include "connectors/sql/odbc_text.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>
#include <stdexcept>
#include <type_traits>

namespace medibridge::connectors {

static_assert(std::is_same_v<SQLWCHAR, OdbcUnit>, "unixODBC built with 16-bit wide characters");

namespace {

/// Units or bytes that are asked for at once; longer values come in pieces.
constexpr std::size_t piece_size = 1024;
constexpr std::size_t max_message = 512;
constexpr std::size_t max_name = 256;
/// Stands for a value that is no text.

using Stage = OdbcError::Stage;

SQLPOINTER number(SQLULEN value) {
    return reinterpret_cast<SQLPOINTER>(value); // how ODBC takes integers
}

/// Whole seconds, at least one: 0 would be forever.
SQLPOINTER seconds(std::chrono::milliseconds timeout) {
    const auto whole = std::chrono::ceil<std::chrono::seconds>(timeout).count();
    return number(static_cast<SQLULEN>(std::max<std::int64_t>(whole, 1)));
}

OdbcError diagnosis(SQLSMALLINT kind, SQLHANDLE handle, Stage stage) {
    OdbcError error;
    error.stage = stage;
    error.state = "HY000";
    std::array<SQLWCHAR, 6> state{};
    std::array<SQLWCHAR, max_message> message{};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    const auto got = SQLGetDiagRecW(kind, handle, 1, state.data(), &native, message.data(),
                                    static_cast<SQLSMALLINT>(message.size()), &length);
    if (!SQL_SUCCEEDED(got)) return error;
    error.state = from_utf16(std::span(state).first(5));
    error.native = native;
    const auto end = std::ranges::find(message, SQLWCHAR(0));
    error.message = from_utf16({message.data(), static_cast<std::size_t>(end - message.begin())});
    return error;
}

/// Whether texts go to the driver and back in UTF-16. The driver manager calls a driver without
/// wide functions through its narrow ones, and cuts what does not fit a byte.
bool has_wide_functions(SQLHDBC connection) {
    auto sent = to_utf16("'\u0152'");
    std::array<SQLWCHAR, 16> back{};
    SQLINTEGER length = 0;
    const auto done = SQLNativeSqlW(connection, sent.data(), SQL_NTS, back.data(),
                                    static_cast<SQLINTEGER>(back.size()), &length);
    return !SQL_SUCCEEDED(done) || std::equal(sent.begin(), sent.end(), back.begin());
}

/// A parameter in the form in which the driver reads it; must stay until the statement has run.
class Parameter {
  public:
    explicit Parameter(const OdbcValue& value, bool wide) {
        if (const auto* count = std::get_if<std::int64_t>(&value)) {
            number_ = *count;
            return;
        }
        narrow_ = std::get<std::string>(value);
        // A text in ASCII is bound narrow: a wide one would keep SQL Server from using the index
        // of a VARCHAR column.
        if (wide && !base::is_ascii(*narrow_)) wide_ = to_utf16(*narrow_);
    }

    SQLRETURN bind(SQLHSTMT statement, SQLUSMALLINT position) {
        if (number_)
            return SQLBindParameter(statement, position, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT,
                                    19, 0, &*number_, 0, nullptr);
        if (!wide_.empty()) {
            const auto units = wide_.size() - 1;
            length_ = static_cast<SQLLEN>(units * sizeof(SQLWCHAR));
            return SQLBindParameter(statement, position, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR,
                                    std::max<SQLULEN>(units, 1), 0, wide_.data(), length_,
                                    &length_);
        }
        length_ = static_cast<SQLLEN>(narrow_->size());
        return SQLBindParameter(statement, position, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR,
                                std::max<SQLULEN>(narrow_->size(), 1), 0, narrow_->data(), length_,
                                &length_);
    }

  private:
    std::optional<SQLBIGINT> number_;
    std::optional<std::string> narrow_;
    std::vector<OdbcUnit> wide_;
    SQLLEN length_ = 0;
};

/// One piece of a value, as SQLGetData gave it.
template <class Unit>
struct Piece {
    std::array<Unit, piece_size> data;
    SQLLEN indicator = 0;
    SQLRETURN got = SQL_ERROR;

    void get(SQLHSTMT statement, std::size_t column) {
        data[0] = 0;
        got = SQLGetData(statement, static_cast<SQLUSMALLINT>(column + 1),
                         sizeof(Unit) == 1 ? SQL_C_CHAR : SQL_C_WCHAR, data.data(),
                         static_cast<SQLLEN>(sizeof data), &indicator);
    }
    bool is_null() const { return indicator == SQL_NULL_DATA; }
    /// Units that the buffer holds. The indicator counts all that are left, or is unknown, or is
    /// wrong: some drivers report success although they cut the value.
    std::size_t size() const {
        constexpr auto room = static_cast<SQLLEN>((piece_size - 1) * sizeof(Unit));
        const bool fits = indicator >= 0 && indicator <= room;
        if (fits && got == SQL_SUCCESS) return static_cast<std::size_t>(indicator) / sizeof(Unit);
        const auto end = std::find(data.begin(), data.end() - 1, Unit(0));
        return static_cast<std::size_t>(end - data.begin());
    }
    /// A buffer that is full may have had no room for the rest, whatever the driver says.
    bool is_last() const { return got == SQL_SUCCESS && size() < piece_size - 1; }
};

template <class Unit>
std::string text_of(const std::vector<Unit>& text) {
    if constexpr (sizeof(Unit) == 1)
        return base::with_replacements(std::string(text.begin(), text.end()));
    else
        return from_utf16(text);
}

enum class Read { value, refused, failed };

template <class Unit>
Read read_value(SQLHSTMT statement, std::size_t column, RawValue& value, std::vector<Unit>& text) {
    text.clear();
    Piece<Unit> piece;
    for (bool first = true;; first = false) {
        piece.get(statement, column);
        if (piece.got == SQL_NO_DATA) break;
        if (!SQL_SUCCEEDED(piece.got)) return first ? Read::refused : Read::failed;
        if (piece.is_null()) {
            value.kind = RawValue::Kind::null;
            return Read::value;
        }
        const auto size = piece.size();
        text.insert(text.end(), piece.data.begin(),
                    piece.data.begin() + static_cast<std::ptrdiff_t>(size));
        if (text.size() * sizeof(Unit) > OdbcConnection::max_value) {
            value.kind = RawValue::Kind::oversized;
            return Read::value;
        }
        if (piece.is_last() || size == 0) break;
    }
    value.kind = RawValue::Kind::text;
    value.text = text_of(text);
    return Read::value;
}

OdbcColumn::Type type_of(SQLSMALLINT type) {
    using enum OdbcColumn::Type;
    if (type == SQL_NUMERIC || type == SQL_DECIMAL) return exact_number;
    return type == SQL_REAL || type == SQL_FLOAT || type == SQL_DOUBLE ? approximate_number : other;
}

/// Nothing: the driver does not tell it.
template <class Unit, class Describe>
std::optional<OdbcColumn> column_of(Describe describe, SQLHSTMT statement, SQLSMALLINT column) {
    std::array<Unit, max_name> name{};
    SQLSMALLINT length = 0;
    SQLSMALLINT type = 0;
    SQLULEN size = 0;
    SQLSMALLINT digits = 0;
    SQLSMALLINT nullable = 0;
    const auto got =
        describe(statement, static_cast<SQLUSMALLINT>(column), name.data(),
                 static_cast<SQLSMALLINT>(name.size()), &length, &type, &size, &digits, &nullable);
    if (!SQL_SUCCEEDED(got)) return std::nullopt;
    const auto end = std::find(name.begin(), name.end() - 1, Unit(0));
    OdbcColumn described;
    described.name = text_of(std::vector<Unit>(name.begin(), end));
    described.type = type_of(type);
    return described;
}

/// Whether an error of fetching one value says something of that value only.
bool is_of_one_value(const OdbcError& error) {
    constexpr std::array<std::string_view, 5> states = {"07006", "HY000", "HY003", "HYC00",
                                                        "HY090"};
    return !error.dead && (error.state.starts_with("22") ||
                           std::ranges::find(states, error.state) != states.end());
}

} // namespace

struct OdbcConnection::Handles {
    SQLHENV environment = SQL_NULL_HENV;
    SQLHDBC connection = SQL_NULL_HDBC;
    SQLHSTMT statement = SQL_NULL_HSTMT;
    std::mutex mutex; ///< held while `statement` is made, freed, or cancelled
    bool connected = false;
    bool wide = true;                ///< the driver takes and gives UTF-16; else UTF-8
    bool wide_known = false;         ///< it has done so
    std::vector<OdbcUnit> wide_text; ///< kept for its room
    std::vector<char> narrow_text;

    bool allocate();
    OdbcError failed(Stage stage) const;
    OdbcError disconnected() const { return diagnosis(SQL_HANDLE_DBC, connection, Stage::connect); }
    OdbcResult<void> prepare(const std::string& text) const;
    OdbcResult<std::vector<OdbcColumn>> columns() const;
    OdbcResult<void> value(std::size_t column, RawValue& into);
    OdbcResult<void> without_value(RawValue& into) const;
};

bool OdbcConnection::Handles::allocate() {
    const std::lock_guard lock(mutex);
    return SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement));
}

OdbcError OdbcConnection::Handles::failed(Stage stage) const {
    auto error = diagnosis(SQL_HANDLE_STMT, statement, stage);
    SQLUINTEGER dead = SQL_CD_FALSE;
    const auto asked = SQLGetConnectAttr(connection, SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr);
    error.dead = SQL_SUCCEEDED(asked) && dead == SQL_CD_TRUE;
    return error;
}

OdbcResult<void> OdbcConnection::Handles::prepare(const std::string& text) const {
    SQLRETURN done = SQL_ERROR;
    if (!wide || base::is_ascii(text)) {
        std::vector<SQLCHAR> copy(text.begin(), text.end());
        copy.push_back(0);
        done = SQLPrepare(statement, copy.data(), SQL_NTS);
    } else {
        auto units = to_utf16(text);
        done = SQLPrepareW(statement, units.data(), SQL_NTS);
    }
    if (!SQL_SUCCEEDED(done)) return std::unexpected(failed(Stage::prepare));
    return {};
}

OdbcResult<std::vector<OdbcColumn>> OdbcConnection::Handles::columns() const {
    SQLSMALLINT count = 0;
    if (!SQL_SUCCEEDED(SQLNumResultCols(statement, &count)))
        return std::unexpected(failed(Stage::execute));
    std::vector<OdbcColumn> all;
    for (SQLSMALLINT column = 1; column <= count; ++column) {
        auto described = wide ? column_of<OdbcUnit>(SQLDescribeColW, statement, column)
                              : column_of<SQLCHAR>(SQLDescribeCol, statement, column);
        if (!described) return std::unexpected(failed(Stage::execute));
        all.push_back(std::move(*described));
    }
    return all;
}

OdbcResult<void> OdbcConnection::Handles::without_value(RawValue& into) const {
    auto error = failed(Stage::fetch);
    if (!is_of_one_value(error)) return std::unexpected(error);
    into.kind = RawValue::Kind::text;
    into.text = base::replacement_character;
    return {};
}

/// A driver that has only narrow texts refuses the first wide one; it is asked for no others. A
/// value that no text can be made of is none of the others' fault.
OdbcResult<void> OdbcConnection::Handles::value(std::size_t column, RawValue& into) {
    into.clear();
    if (wide) {
        const auto read = read_value<OdbcUnit>(statement, column, into, wide_text);
        if (read == Read::value) {
            wide_known = true;
            return {};
        }
        if (wide_known || read == Read::failed) return without_value(into);
    }
    if (read_value<char>(statement, column, into, narrow_text) != Read::value)
        return without_value(into);
    wide = false;
    return {};
}

OdbcConnection::OdbcConnection() : handles_(std::make_unique<Handles>()) {
    auto& its = *handles_;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &its.environment)))
        throw std::runtime_error("unixODBC gives no environment: out of memory");
    SQLSetEnvAttr(its.environment, SQL_ATTR_ODBC_VERSION, number(SQL_OV_ODBC3), 0);
}

OdbcConnection::~OdbcConnection() {
    close();
    SQLFreeHandle(SQL_HANDLE_ENV, handles_->environment);
}

OdbcResult<void> OdbcConnection::open(const std::string& attributes,
                                      std::chrono::milliseconds timeout) {
    auto& its = *handles_;
    close();
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, its.environment, &its.connection)))
        return std::unexpected(diagnosis(SQL_HANDLE_ENV, its.environment, Stage::connect));
    SQLSetConnectAttr(its.connection, SQL_ATTR_LOGIN_TIMEOUT, seconds(timeout), 0);
    auto units = to_utf16(attributes);
    SQLSMALLINT length = 0;
    const auto done = SQLDriverConnectW(its.connection, nullptr, units.data(), SQL_NTS, nullptr, 0,
                                        &length, SQL_DRIVER_NOPROMPT);
    std::ranges::fill(units, OdbcUnit(0)); // the password stood in it
    if (!SQL_SUCCEEDED(done)) {
        auto error = its.disconnected();
        close();
        return std::unexpected(error);
    }
    its.connected = true;
    its.wide = has_wide_functions(its.connection);
    its.wide_known = false;
    return {};
}

bool OdbcConnection::is_open() const {
    return handles_->connected;
}

std::string OdbcConnection::product() const {
    std::array<char, max_name> name{};
    SQLSMALLINT length = 0;
    const auto got = SQLGetInfo(handles_->connection, SQL_DBMS_NAME, name.data(),
                                static_cast<SQLSMALLINT>(name.size()), &length);
    return SQL_SUCCEEDED(got) ? std::string(name.data()) : std::string();
}

void OdbcConnection::close() {
    finish();
    auto& its = *handles_;
    if (its.connection == SQL_NULL_HDBC) return;
    if (its.connected) SQLDisconnect(its.connection);
    its.connected = false;
    SQLFreeHandle(SQL_HANDLE_DBC, its.connection);
    its.connection = SQL_NULL_HDBC;
}

OdbcResult<std::vector<OdbcColumn>> OdbcConnection::run(const std::string& text,
                                                        std::span<const OdbcValue> values,
                                                        std::chrono::milliseconds timeout) {
    auto& its = *handles_;
    finish();
    if (!its.allocate()) return std::unexpected(its.disconnected());
    // A driver that knows no timeout runs as long as it takes.
    SQLSetStmtAttr(its.statement, SQL_ATTR_QUERY_TIMEOUT, seconds(timeout), 0);
    if (const auto prepared = its.prepare(text); !prepared)
        return std::unexpected(prepared.error());
    std::vector<Parameter> parameters;
    parameters.reserve(values.size()); // they must not move
    for (const auto& value : values) {
        parameters.emplace_back(value, its.wide);
        const auto position = static_cast<SQLUSMALLINT>(parameters.size());
        if (!SQL_SUCCEEDED(parameters.back().bind(its.statement, position)))
            return std::unexpected(its.failed(Stage::prepare));
    }
    const auto done = SQLExecute(its.statement);
    if (!SQL_SUCCEEDED(done) && done != SQL_NO_DATA)
        return std::unexpected(its.failed(Stage::execute));
    SQLFreeStmt(its.statement, SQL_RESET_PARAMS);
    return its.columns();
}

OdbcResult<bool> OdbcConnection::fetch(std::span<const std::size_t> columns,
                                       std::span<RawValue> row) {
    auto& its = *handles_;
    const auto done = SQLFetch(its.statement);
    if (done == SQL_NO_DATA) return false;
    if (!SQL_SUCCEEDED(done)) return std::unexpected(its.failed(Stage::fetch));
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (const auto read = its.value(columns[i], row[i]); !read)
            return std::unexpected(read.error());
    }
    return true;
}

void OdbcConnection::cancel() {
    const std::lock_guard lock(handles_->mutex);
    if (handles_->statement != SQL_NULL_HSTMT) SQLCancel(handles_->statement);
}

void OdbcConnection::finish() {
    const std::lock_guard lock(handles_->mutex);
    if (handles_->statement == SQL_NULL_HSTMT) return;
    SQLFreeHandle(SQL_HANDLE_STMT, handles_->statement);
    handles_->statement = SQL_NULL_HSTMT;
}

} // namespace medibridge::connectors
