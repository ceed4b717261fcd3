#pragma once

#include <filesystem>

namespace medibridge::sandbox {

class Sandbox;

/// Writes a configuration with which medibridged synchronises the two simulated sides. Secrets go
/// into files beside it that only their owner can read; the state file will stand there too. A
/// folder that is missing is made.
/// Throws std::runtime_error that names the file that cannot be written.
void write_config(const std::filesystem::path& file, const Sandbox& sandbox);

} // namespace medibridge::sandbox
