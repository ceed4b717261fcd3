#include "control/rejected_files.hpp"

#include "config/source_kind.hpp"
#include "control/call.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <system_error>

namespace medibridge::control {

namespace {

/// When the file was moved there. Nothing: it is none, or has just gone.
std::optional<std::int64_t> moved_at_ms(const std::filesystem::path& file) {
    struct stat facts{};
    if (::lstat(file.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
    return std::int64_t{facts.st_ctim.tv_sec} * 1000 + facts.st_ctim.tv_nsec / 1'000'000;
}

bool is_reason(const std::string& name) {
    return name.ends_with(config::KindSettings::reason_ending) || name.starts_with('.');
}

} // namespace

RejectedFiles rejected_files_in(const std::filesystem::path& folder) {
    RejectedFiles found;
    found.folder = folder;
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    const std::filesystem::directory_iterator end;
    while (!error && entry != end) {
        const auto at = is_reason(entry->path().filename().string()) ? std::nullopt
                                                                     : moved_at_ms(entry->path());
        if (at) {
            ++found.count;
            found.newest_ms = std::max(found.newest_ms.value_or(*at), *at);
        }
        entry.increment(error);
    }
    if (error && error != std::errc::no_such_file_or_directory) found.trouble = error.message();
    return found;
}

std::string told(const RejectedFiles& files) {
    const auto folder = files.folder.string();
    if (!files.trouble.empty()) return folder + " cannot be listed: " + files.trouble;
    if (files.count == 0) return {};
    const bool one = files.count == 1;
    std::string text =
        one ? "a file was rejected and lies in " + folder
            : std::to_string(files.count) + " files were rejected and lie in " + folder;
    if (files.newest_ms)
        text += (one ? " since " : ", the newest since ") +
                time_json(files.newest_ms).get<std::string>();
    return text + (one ? ": its reason is beside it" : ": each one's reason is beside it");
}

} // namespace medibridge::control
