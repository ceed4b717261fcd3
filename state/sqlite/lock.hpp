#pragma once

#include "base/bytes/descriptor.hpp"

#include <filesystem>

namespace medibridge::state {

/// The right to use a state file, as a flock(2) on `PATH.lock` that names its owner's process id.
///
/// The kernel releases it when the owner ends, however it ends; the lock file itself stays, since
/// removing it would let two owners hold locks on two files of one name.
class Lock {
  public:
    /// Throws StoreError: `locked`, naming the owner, or `unavailable`.
    explicit Lock(const std::filesystem::path& state_file);

  private:
    base::Descriptor descriptor_;
};

} // namespace medibridge::state
