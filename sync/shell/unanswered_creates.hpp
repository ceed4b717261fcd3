#pragma once

#include "sync/shell/context.hpp"

#include <string>
#include <vector>

namespace medibridge::sync {

/// A create that nobody has answered, and the Medicapp patient that carries its externalId now.
struct Unanswered {
    state::Intent create;
    std::string medicapp_id;
};

/// Reads each of the patients. One that has just what was sent is what the create made, and is
/// linked, whatever the HIS says by now; any other is left to the decision on the HIS's record.
/// On failure the context is halted.
runtime::Task<void> link_created(Context& context, std::vector<Unanswered> unanswered);

} // namespace medibridge::sync
