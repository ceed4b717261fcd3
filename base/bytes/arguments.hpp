#pragma once

#include <span>
#include <string>

namespace medibridge::base {

/// The first of a program's arguments that is given and says nothing, as `--until ''` or `--until=`
/// of a script whose variable is not set: taken for left out, it would do something else than was
/// meant. A sentence for an operator; empty: there is none. `argv[0]` is the program.
std::string empty_argument(std::span<const char* const> argv);

} // namespace medibridge::base
