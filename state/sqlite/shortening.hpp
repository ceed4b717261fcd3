#pragma once

#include "state/audit_seal.hpp"

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// The step of the schema in which ids, digests and lists of fields became shorter: makes `link`
/// and `audit` anew, and rewrites `intent`. What was not as medibridge wrote it stays so.
void shorten_rows(SQLite::Database& database, const AuditSeal& seal);

} // namespace medibridge::state
