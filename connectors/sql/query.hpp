#pragma once

#include "connectors/sql/odbc_connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// An SQL statement with named parameters, as ODBC takes it.
struct SqlParameters {
    std::string text;               ///< each `:name` as a `?`
    std::vector<std::string> names; ///< in the order of those `?`
    bool has_question_mark = false; ///< it has a `?` of its own, which ODBC would take for one
};

/// Finds the parameters of `sql`. Texts in quotes (`'…'`, `"…"`, `` `…` ``, PostgreSQL's
/// `$tag$…$tag$`) and comments (`-- …`, `/* … */`, also nested) hold none, and `::` is a cast.
SqlParameters find_sql_parameters(std::string_view sql);

/// Where a page begins and how long it may be.
class SqlPosition {
  public:
    SqlPosition() = default;

    std::string modified_after;
    std::string after_id;
    std::int64_t limit = 0;
    bool from_beginning = false; ///< the time is the database's least
    std::string external_id;     ///< of the one patient who is asked for; empty: a page of the list
};

/// A configured statement, with its named parameters as ODBC's `?`.
class SqlQuery {
  public:
    /// Throws std::invalid_argument for a parameter other than :modified_after, :after_id, :limit
    /// and :external_id.
    explicit SqlQuery(std::string_view sql);

    const std::string& text() const { return text_; }
    /// One value for each `?`. The limit is a number, for databases that take no text there.
    std::vector<OdbcValue> values(const SqlPosition& position) const;

  private:
    enum class Parameter : std::uint8_t { modified_after, after_id, limit, external_id };

    std::string text_;
    std::vector<Parameter> parameters_;
};

} // namespace medibridge::connectors
