#pragma once

#include "connectors/mapping/raw_value.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace medibridge::connectors {

/// What the driver manager or a driver says is wrong.
class OdbcError {
  public:
    enum class Stage { connect, prepare, execute, fetch };

    OdbcError() = default;

    Stage stage = Stage::connect;
    std::string state;       ///< SQLSTATE: five characters
    std::int32_t native = 0; ///< the server's own number
    std::string message;     ///< the driver's words: may repeat what was sent, and values
    bool dead = false;       ///< the connection is of no use any more
};

/// A column of what a statement shows.
class OdbcColumn {
  public:
    enum class Type : std::uint8_t {
        other,
        exact_number,       ///< NUMERIC, DECIMAL: shown with all the digits of its scale
        approximate_number, ///< REAL, FLOAT, DOUBLE: rounded, or shown with an exponent
    };

    OdbcColumn() = default;

    std::string name;
    Type type = Type::other;
};

template <class T>
using OdbcResult = std::expected<T, OdbcError>;

/// What a `?` stands for: a text, or a number that must be one (a LIMIT).
using OdbcValue = std::variant<std::string, std::int64_t>;

/// One connection through unixODBC, with at most one statement at a time. Every call blocks; all
/// except cancel() come from one thread at a time.
class OdbcConnection {
  public:
    /// A value of more bytes (as UTF-16 if the driver has wide texts) comes as Kind::oversized.
    static constexpr std::size_t max_value = 64u << 10;

    /// Throws std::runtime_error if unixODBC has no memory for an environment.
    OdbcConnection();
    ~OdbcConnection();
    OdbcConnection(const OdbcConnection&) = delete;
    OdbcConnection& operator=(const OdbcConnection&) = delete;

    /// `attributes` is the whole connection string, in ASCII. `timeout` is asked of the driver, in
    /// whole seconds; not every driver heeds it.
    OdbcResult<void> open(const std::string& attributes, std::chrono::milliseconds timeout);
    bool is_open() const;
    void close();

    /// What the driver calls the database, such as `PostgreSQL`; empty: it does not say.
    std::string product() const;

    /// Runs a statement with a value for each `?`, in autocommit. Gives the columns that it shows;
    /// none if it shows no rows. Rows can be fetched until finish() or the next run.
    OdbcResult<std::vector<OdbcColumn>> run(const std::string& text,
                                            std::span<const OdbcValue> values,
                                            std::chrono::milliseconds timeout);
    /// The next row's values at `columns` (from 0, rising); false behind the last row. A value that
    /// the driver cannot give as a text is U+FFFD, which no field accepts.
    OdbcResult<bool> fetch(std::span<const std::size_t> columns, std::span<RawValue> row);
    void finish();

    /// Asks the server to end a run() or fetch() under way; from any thread, where the driver can
    /// do that (SqlDialect::session_query()). Blocks too: drivers open a connection for it.
    void cancel();

  private:
    struct Handles;
    std::unique_ptr<Handles> handles_;
};

} // namespace medibridge::connectors
