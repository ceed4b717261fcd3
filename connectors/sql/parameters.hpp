#pragma once

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

} // namespace medibridge::connectors
