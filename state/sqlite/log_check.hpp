#pragma once

#include <filesystem>
#include <istream>

namespace medibridge::state {

/// Whether a write-ahead log has lost commits that its owner was told are durable. SQLite takes a
/// log whose sums fail for one that a power cut tore there, and goes on without what follows, since
/// it cannot know better: usually nothing does. But a transaction that goes on from a commit was
/// begun after that commit had been waited for. So if one follows what cannot be read, it is not a
/// power cut, but damage. The last two commits cannot be judged.
bool has_lost_commits(std::istream& log);

/// Throws StoreError (damaged) for the log of a state file, if there is one, that has lost commits;
/// changes nothing.
void check_log(const std::filesystem::path& state_file);

} // namespace medibridge::state
