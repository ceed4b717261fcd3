#pragma once

#include <filesystem>
#include <string>

namespace medibridge::ctl {

/// Ends the command because of a file that the operator named. Throws Ended.
[[noreturn]] void end_for_file(const std::filesystem::path& file, const std::string& why);

/// A new file, mode 0600 and durable, for this user's eyes alone. Nothing is left behind where it
/// cannot be written. Throws Ended.
void write_new_file(const std::filesystem::path& file, const std::string& text);

} // namespace medibridge::ctl
