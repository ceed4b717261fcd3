#pragma once

#include "tree.hpp"

namespace medibridge::house {

/// The using-declarations of a source (`using std::string;`) whose name it does not use. clang-tidy
/// finds them too, but not where another source of the same batch uses that name: scripts/tidy.
std::vector<Finding> unused_usings(const SourceFile& file);

} // namespace medibridge::house
