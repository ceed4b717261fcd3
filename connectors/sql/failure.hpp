#pragma once

#include "connectors/source/source.hpp"
#include "connectors/sql/odbc_connection.hpp"

#include <span>
#include <string>

namespace medibridge::connectors {

/// What a database's error means for the source: SQLSTATE (ISO/IEC 9075-2 §24, ODBC's appendix A)
/// decides. The driver's own words are repeated for errors of connections and of statements only,
/// never for those of data, and only if none of the texts in `secrets` stands in them.
SourceError sql_failure(const OdbcError& error, std::span<const std::string> secrets);

} // namespace medibridge::connectors
