#pragma once

#include "sync/core/medicapp_page.hpp"
#include "sync/shell/context.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// Reads each of the patients. One that has just what was sent is what the create made, and is
/// linked, whatever the HIS says by now; any other is left to the decision on the HIS's record.
/// On failure the context is halted.
runtime::Task<void> link_created(Context& context, std::vector<Unanswered> unanswered);

} // namespace medibridge::sync
