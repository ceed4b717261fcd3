#pragma once

#include "reconcile/instant.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// How a database shows and compares times, if it has its own way.
class SqlDialect {
  public:
    /// A database without known particularities.
    SqlDialect() = default;
    /// `product` is what the driver says of the database (ODBC's SQL_DBMS_NAME).
    explicit SqlDialect(std::string_view product);

    /// Texts that are before every time of a column, to be tried in this order until the database
    /// accepts one and shows rows: which ones a column accepts depends on its type.
    std::vector<std::string> beginnings() const;

    /// The text that compares equal to the one that was shown. Nothing: there is none, because
    /// several times are shown like this.
    std::optional<std::string> bound_for(std::string_view shown) const;

    /// Whether the end of time may be shown like this, and something else, too (psqlODBC shows
    /// `infinity` as a second of the year 9999, or as the day 0).
    bool may_be_infinity(std::string_view shown) const;
    /// The same for the beginning of time, before any other.
    bool may_be_minus_infinity(std::string_view shown) const;

    /// A statement that shows the database's own clock as a Unix time or in UTC; empty: not known.
    std::string_view clock_query() const;
    /// What that statement showed.
    static std::optional<reconcile::Instant> read_clock(std::string_view text);

    /// A statement that shows by which number the database knows the connection. Empty: the
    /// driver's own SQLCancel ends a statement of another thread.
    ///
    /// MariaDB's driver does not do that safely: its SQLCancel unlocks a mutex that the other
    /// thread holds, and may free the statement's result under it (3.1.15, MA_SQLCancel()).
    std::string_view session_query() const;
    /// What ends the connection of that number, whatever it runs, from another connection of the
    /// same user. Empty: `number` is none.
    static std::string ending_of(std::string_view number);

  private:
    enum class Product { other, postgres, mysql, sqlite, sql_server, oracle };

    Product product_ = Product::other;
};

} // namespace medibridge::connectors
