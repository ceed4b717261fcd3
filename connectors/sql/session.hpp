#pragma once

#include "base/runtime/task.hpp"
#include "connectors/mapping/raw_value.hpp"
#include "connectors/source/source.hpp"
#include "connectors/sql/dialect.hpp"
#include "connectors/sql/odbc_connection.hpp"
#include "connectors/sql/query.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// How a database is reached.
class SqlAccess {
  public:
    SqlAccess() = default;

    std::string attributes; ///< the connection string with the password in it
    std::string password;   ///< must not appear in errors
    std::chrono::milliseconds timeout{30'000};
    /// How much longer to wait for a driver before it is abandoned.
    std::chrono::milliseconds grace{5'000};
};

/// A page of rows as they came: `columns` values each, in the order of the places asked for.
class SqlRows {
  public:
    SqlRows() = default;

    std::size_t size() const { return columns == 0 ? 0 : values.size() / columns; }
    std::span<const RawValue> row(std::size_t index) const {
        return std::span(values).subspan(index * columns, columns);
    }

    std::size_t columns = 0;
    std::vector<RawValue> values;
    std::vector<OdbcColumn::Type> types; ///< of each column
    SqlDialect dialect;
    /// The database's own clock; nothing: it does not tell.
    std::optional<reconcile::Instant> server_time;
    std::size_t beginning = 0; ///< which of the beginnings that were given shows these rows
};

/// Counts the threads that are inside a driver.
class SqlThreads {
  public:
    void begin();
    void end();
    int running() const;
    /// Waits until there are none, no longer than `limit`.
    void wait_for_all(std::chrono::milliseconds limit);

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int running_ = 0;
};

/// A connection that is opened at its first use, and used only outside the io thread. If a driver
/// does not return, its thread is abandoned, and the session cannot be used any more.
class SqlSession {
  public:
    SqlSession(boost::asio::any_io_executor executor, SqlAccess access,
               std::shared_ptr<SqlThreads> threads);
    /// Closes the connection without waiting.
    ~SqlSession();

    /// The first bounds to try for a complete reading: see SqlTime::beginnings().
    using Beginnings = std::function<std::vector<std::string>(const SqlDialect&)>;

    /// Runs one statement and reads its rows at `places`, which are names of columns. More rows
    /// than the position's limit are an error. With `beginnings` (may be empty) the position's time
    /// is the first of them, from the index `from` on, that the database takes and that shows rows.
    runtime::Task<SourceResult<SqlRows>> page(const SqlQuery& query, SqlPosition position,
                                              std::vector<std::string> places,
                                              Beginnings beginnings = {}, std::size_t from = 0);

    /// Ends the waiting for what is under way.
    void cancel();
    /// Whether a driver's thread was abandoned.
    bool abandoned() const { return abandoned_; }

  private:
    struct Link;
    struct Errand;
    class Waiting;
    class Request;

    void give_up();
    void start(const std::shared_ptr<Errand>& errand, Request request);

    boost::asio::any_io_executor executor_;
    SqlAccess access_;
    std::shared_ptr<SqlThreads> threads_;
    std::shared_ptr<Link> link_;
    std::shared_ptr<Errand> errand_; ///< what is under way
    bool cancelled_ = false;
    bool abandoned_ = false;
};

} // namespace medibridge::connectors
