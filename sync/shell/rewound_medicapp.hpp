#pragma once

#include "sync/shell/context.hpp"

namespace medibridge::sync {

/// Whether Medicapp, whose list was read, has gone back in time. Reads one by one some patients who
/// were listed older than last seen and, if the list is `suspicious`, those that were modified
/// last: see RewindSamples. If they prove it, everybody is found who went back, for which the list
/// is read completely: once, not by each cycle that finds the same.
runtime::Task<void> guard_against_rewound_medicapp(Context& context, bool suspicious);

} // namespace medibridge::sync
