#pragma once

#include "tree.hpp"

#include <vector>

namespace medibridge::house {

/// Statements in which braces or a lambda stand beside `co_await`.
///
/// g++ 12 miscompiles temporaries made there (docs/decisions/0002). This check reads text only:
/// it is quick and runs with the tests, while scripts/lint asks clang about the same rule. A
/// statement here is what stands between `;` and the braces of blocks and function bodies; the
/// header of an `if` or a loop is one of its own. Each statement is reported once, at its first
/// `co_await`.
std::vector<Finding> braces_beside_await(const SourceFile& file);

} // namespace medibridge::house
