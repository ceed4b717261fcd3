#pragma once

#include "sync/shell/context.hpp"

#include <string>
#include <vector>

/// A source whose mapping was changed in the configuration reads as if everybody had been edited:
/// it is read under the new one only once the operator says that this is meant.
namespace medibridge::sync {

/// Sets off an alarm if the mapping of any of the sources is not the one under which it was read.
/// If that is accepted, or for a dry run, the answer is true instead: the cycle is to read
/// everything.
runtime::Task<bool> guard_against_changed_mappings(Context& context,
                                                   std::vector<std::string> sources);

/// Remembers the mapping under which the source has been read.
void note_mapping(const Context& context, const std::string& source, state::Batch& batch);

} // namespace medibridge::sync
