#pragma once

#include "state/audit_seal.hpp"
#include "state/store.hpp"

#include <filesystem>
#include <memory>

namespace medibridge::state {

/// Opens or creates the state file and becomes its one owner until the store goes.
///
/// Takes a lock on `PATH.lock` (which names the owner's process id), refuses network file systems,
/// checks that the file is ours, not newer than this program and intact, and migrates older
/// schemas. Throws StoreError.
std::unique_ptr<Store> open_sqlite(const std::filesystem::path& path, const AuditSeal& seal);

/// A private copy of the state that disappears with the store, for a dry run: the file itself is
/// only read (and its owner's lock is taken meanwhile). Throws StoreError.
std::unique_ptr<Store> open_sqlite_copy(const std::filesystem::path& path, const AuditSeal& seal);

/// Whether the file, such as a backup, can be put in the place of a state: ours, not newer than
/// this program, and intact. Its schema version. Changes nothing; throws StoreError.
int check_backup(const std::filesystem::path& path);

/// The schema version that this program writes.
int schema_version();

} // namespace medibridge::state
