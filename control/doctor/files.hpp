#pragma once

#include "config/settings.hpp"
#include "control/doctor/check.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace medibridge::control::doctor {

/// What the system says of a file.
struct FileFacts {
    std::filesystem::path path;
    std::optional<std::uint32_t> mode; ///< permission bits; nothing: it cannot be looked at
    std::uint32_t owner = 0;
    std::string trouble; ///< why not
};
FileFacts look_at_file(const std::filesystem::path& path);

/// A file that holds a secret: mode 0600 or 0400, owned by the service's user or root.
Check judge_secret_file(const std::string& name, const FileFacts& file, std::uint32_t own_uid);
/// The folder of the state: nobody else may put files there.
Check judge_state_folder(const FileFacts& folder, std::uint32_t own_uid);

/// The files that the configuration takes secrets from, wherever it names them.
std::vector<std::filesystem::path> secret_files_in(const std::filesystem::path& config_file);

/// The folder, or the next one above it that is there.
std::filesystem::path standing_folder_of(std::filesystem::path folder);

/// All of the above, for the files as they are now. `is_to_come`: there is no state yet, which is
/// right before the first start, and said as such.
Checks check_files(const std::filesystem::path& config_file, const config::StateSettings& state,
                   std::uint32_t own_uid, bool is_to_come = false);

} // namespace medibridge::control::doctor
