#pragma once

#include "state/facts.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace SQLite {
class Database;
}

namespace medibridge::state {

/// Writes a copy of an open database to `path`, and `facts` to PATH.facts, as Store::backup_to
/// says. `unconfirmed`: what the state says of its links by now. Throws StoreError, and SQLite's
/// own exceptions.
void back_up(SQLite::Database& database, const std::vector<Fact>& facts,
             const std::string& unconfirmed, const std::filesystem::path& path);

} // namespace medibridge::state
