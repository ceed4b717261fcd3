#pragma once

#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"

#include <string>
#include <vector>

/// Rows of the state that are not as medibridge wrote them: their patients are held, and nothing is
/// concluded from such a row.
namespace medibridge::sync {

/// In which tables, as words for an operator.
std::string where_altered(const state::Known& known);

/// Sets the rows aside and holds their patients. `keys`: whom they are about, each once; `known` is
/// of these, in their order; `found`: all rows, to be counted.
Effects set_altered_aside(const Rules& rules, const state::AlteredRows& found,
                          const std::vector<std::string>& keys,
                          const std::vector<state::Known>& known);

} // namespace medibridge::sync
