#pragma once

#include "base/runtime/task.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace medibridge::daemon {

/// Awaits `work`, and calls `end`, which lets it end soon, when the limit passes before that.
/// False: it passed. Rethrows what the work throws.
runtime::Task<bool> within(std::chrono::milliseconds limit, std::function<void()> end,
                           runtime::Task<void> work);

/// Why there is no answer when the limit has passed, for an operator.
std::string no_answer_within(std::chrono::milliseconds limit);

} // namespace medibridge::daemon
