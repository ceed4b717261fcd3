#pragma once

#include <filesystem>
#include <istream>

namespace medibridge::state {

/// Whether a write-ahead log has lost commits that were reported as durable. Where a checksum of
/// the log fails, SQLite assumes that a power cut tore the log, and ignores the rest; usually
/// nothing follows. But a transaction begins only after the commit before it is durable. So if one
/// follows bytes that cannot be read, those were damaged, not torn. The last two commits cannot be
/// judged.
bool has_lost_commits(std::istream& log);

/// Throws StoreError (damaged) for the log of a state file, if there is one, that has lost commits;
/// changes nothing.
void check_log(const std::filesystem::path& state_file);

} // namespace medibridge::state
