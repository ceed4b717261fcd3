#pragma once

#include <string>

namespace medibridge::daemon {

/// Of the program: `1.0.0`.
std::string version();
/// What it was built from; `unknown` where that was not said.
std::string commit();
/// What `--version` prints: the program, what it was built from, the versions that others depend
/// on (state schema, control API), and those of the libraries that it runs with.
std::string version_text(const std::string& program);

} // namespace medibridge::daemon
