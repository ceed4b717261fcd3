#pragma once

#include "state/sqlite/file_system.hpp"
#include "state/sqlite/schema.hpp"
#include "state/store.hpp"

#include <filesystem>
#include <memory>
#include <span>

namespace medibridge::state {

/// What an opening store finds around it; tests put in others.
struct Surroundings {
    FileSystem (*file_system)(const std::filesystem::path&) = &file_system_of;
    std::span<const Migration> migrations = all_migrations();
};

/// open_sqlite and open_sqlite_copy in given surroundings.
std::unique_ptr<Store> open_sqlite_in(const std::filesystem::path& path,
                                      const Surroundings& surroundings);
std::unique_ptr<Store> open_sqlite_copy_in(const std::filesystem::path& path,
                                           const Surroundings& surroundings);

/// Connects to a prepared file whose lock is held: checked, migrated, and in the journal mode that
/// survives power cuts. Nothing is written unless all checks pass.
std::unique_ptr<SQLite::Database> connect(const std::filesystem::path& path,
                                          std::span<const Migration> migrations);

/// A database of its own that vanishes with the connection and holds what the file holds. The file
/// is only read.
std::unique_ptr<SQLite::Database> connect_to_copy(const std::filesystem::path& path,
                                                  std::span<const Migration> migrations);

/// The same for a file that does not exist: no file is made.
std::unique_ptr<SQLite::Database> connect_to_nothing(std::span<const Migration> migrations);

} // namespace medibridge::state
