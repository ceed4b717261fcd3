#pragma once

#include "sync/shell/context.hpp"

/// What a cycle makes sure of before it relies on the state.
namespace medibridge::sync {

/// Whether Medicapp is the one that the links are of; an alarm where it may be another one. Costs
/// requests only where its address or the API key has changed.
runtime::Task<void> check_space(Context& context);

/// Holds the patients about whom the state says what medibridge did not write: as a process begins
/// that cannot rely on the word of the one before, and in each full compare. Throws StoreError
/// where these are too many for single patients.
runtime::Task<void> set_altered_aside(Context& context);

/// Whether each link is to be looked at before a write. `read_whole`: Medicapp was read completely
/// in this cycle, which confirms them, or holds those who are somebody else.
runtime::Task<void> recall_unconfirmed_links(Context& context, bool read_whole);

} // namespace medibridge::sync
