#pragma once

#include "connectors/source/source.hpp"
#include "connectors/sql/odbc_connection.hpp"

#include <span>
#include <string>

namespace medibridge::connectors {

/// What a database's error means for the source, by SQLSTATE (ISO/IEC 9075-2 §24, ODBC's appendix
/// A), which is named only if its class is known. The driver's text is repeated only for errors of
/// connections and statements, never for those of data, and only if it holds none of `secrets`.
SourceError sql_failure(const OdbcError& error, std::span<const std::string> secrets);

} // namespace medibridge::connectors
