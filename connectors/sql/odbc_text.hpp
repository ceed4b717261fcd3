#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Texts as ODBC's wide functions take and give them: UTF-16 in 16-bit units (unixODBC's SQLWCHAR).
namespace medibridge::connectors {

using OdbcUnit = unsigned short;

/// UTF-8 of what a driver gave. A surrogate without its other half becomes U+FFFD.
std::string from_utf16(std::span<const OdbcUnit> units);

/// `text` in units, with a zero behind them. Bytes that are not UTF-8 become U+FFFD.
std::vector<OdbcUnit> to_utf16(std::string_view text);

/// Whether two names of columns are the same but for upper and lower case, of any script.
bool same_name(std::string_view a, std::string_view b);

/// An attribute of a connection string, `;Pwd={…}`, with its value in braces where it needs them.
std::string odbc_attribute(const std::string& name, const std::string& value);

} // namespace medibridge::connectors
