#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace medibridge::control {

/// Files that a source could not read and put aside. Their names are not told: they may be a
/// patient's.
struct RejectedFiles {
    std::filesystem::path folder;
    std::int64_t count = 0;
    std::optional<std::int64_t> newest_ms; ///< when the last one came; Unix time of the file system
    std::string trouble;                   ///< why the folder cannot be listed; empty: it could
};

/// What lies in a config::KindSettings::rejected_folder(). One that is not there is empty. Blocks.
RejectedFiles rejected_files_in(const std::filesystem::path& folder);

/// In a few words, with where each one's reason is; empty: there are none.
std::string told(const RejectedFiles& files);

} // namespace medibridge::control
