#pragma once

#include <iosfwd>
#include <string>

namespace medibridge::daemon {

/// Prints a configuration that was read without mistakes as it counts: its own keys with file and
/// line, and the defaults of the others, as YAML that means the same. Of secrets the reference,
/// never the value. `name` stands for the file.
void print_config(const std::string& text, const std::string& name, std::ostream& out);

} // namespace medibridge::daemon
