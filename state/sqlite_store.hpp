#pragma once

#include "state/audit_seal.hpp"
#include "state/store.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace medibridge::state {

/// The keys that the state file is sealed with, as that key of the state opens them; for a file
/// that is missing, empty or was never given other keys, that key alone. Reads only, and takes the
/// lock meanwhile. Throws StoreError: `not_ours` for a key that does not open it.
KeyRing read_key_ring(const std::filesystem::path& path, const KeyBytes& state_key);

/// How the check of the whole file, which begins as a state is opened, goes on beside its use.
struct CheckInBackground {
    /// Told on another thread what the check found fault with: the state is of no use.
    std::function<void(const StoreError&)> on_fault = {};
    std::stop_token stop = {}; ///< asked to stop, the check is cut off
};

/// Opens or creates the state file and becomes its one owner until the store goes.
///
/// Takes a lock on `PATH.lock` (which names the owner's process id), refuses network file systems,
/// checks that the file is ours and not newer than this program, and migrates older schemas.
///
/// Whether the file is intact is known by the word of its last owner, if they found it whole within
/// a day, closed it, and nobody has written to it since. Else it is found out meanwhile, which
/// takes seconds where there are millions of patients. The store can be read at once. What writes
/// waits until the file was found whole, and throws what was found if it is not: so nothing changes
/// in a damaged file, nor, as an intent comes before a request, in Medicapp. Throws StoreError.
std::unique_ptr<Store> open_sqlite(const std::filesystem::path& path, const AuditSeal& seal,
                                   CheckInBackground check = {});

/// A private copy of the state that disappears with the store, for a dry run: the file itself is
/// only read (and its owner's lock is taken meanwhile). Throws StoreError.
std::unique_ptr<Store> open_sqlite_copy(const std::filesystem::path& path, const AuditSeal& seal);

/// Whether the file, such as a backup, can be put in the place of a state: ours, not newer than
/// this program, and intact. Its schema version. Changes nothing; throws StoreError.
int check_backup(const std::filesystem::path& path);

/// Opens a backup that passes check_backup as the start of a service at `state_file` would: with
/// the facts that would stand beside it, migrated, each table as this program makes it, and a line
/// written to its audit. All that on a copy that disappears: both files are only read. Whether the
/// backup's audit is as it was written. `state_key` opens it. Throws StoreError.
bool try_backup(const std::filesystem::path& path, const std::filesystem::path& state_file,
                const KeyBytes& state_key);

/// The checks of the keys that open a backup that passes check_backup: see KeyBytes::check().
std::vector<std::string> keys_of_backup(const std::filesystem::path& path);

/// Puts a backup that passes check_backup in the place of a state that nobody uses, which stays
/// under the name `kept` beside it. The facts beside the state stay as they are, and come from
/// BACKUP.facts only where there are none. Throws StoreError; then the state is as it was, or,
/// after a failure in its very last step, under both names without its log.
void restore_sqlite(const std::filesystem::path& state_file, const std::filesystem::path& backup,
                    const std::filesystem::path& kept);

/// The schema version that this program writes.
int schema_version();

} // namespace medibridge::state
