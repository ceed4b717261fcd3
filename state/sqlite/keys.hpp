#pragma once

#include "state/audit_seal.hpp"
#include "state/store.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace SQLite {
class Database;
}

/// The keys of a state, kept in its table meta. What throws, throws StoreError and SQLite's own
/// exceptions.
namespace medibridge::state {

/// What opens with that key of the state; a ring of that key alone where the state keeps none.
/// `place` names the state in errors.
KeyRing find_ring(SQLite::Database& database, const KeyBytes& state_key,
                  const std::filesystem::path& place);

/// The checks of the keys that open the state; none: it was never opened.
std::vector<std::string> checks_of_keys(SQLite::Database& database);

/// Whether settle_keys would write.
bool must_settle_keys(SQLite::Database& database, const AuditSeal& seal);
/// Takes up a replacement of the keys where the last owner left it: from now on what is written is
/// sealed with the newest key, and the state's former key opens nothing once the next one has been
/// used. The seal to go on with.
AuditSeal settle_keys(SQLite::Database& database, const AuditSeal& seal);

/// As Store::rotate_key, inside the caller's transaction.
void put_replacement(SQLite::Database& database, const KeyRing& ring, const KeyBytes& from,
                     const KeyBytes& to);

/// Keeps the ring, inside the caller's transaction.
void put_ring(SQLite::Database& database, const KeyRing& ring);

} // namespace medibridge::state
