#include "config/exposure.hpp"

#include "base/files/hidden_user.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace medibridge::config {

namespace {

std::string octal(mode_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
    return text.data();
}

bool is_own_group(gid_t group) {
    if (group == ::getegid()) return true;
    const int count = ::getgroups(0, nullptr);
    std::vector<gid_t> groups(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (groups.empty() || ::getgroups(count, groups.data()) < 0) return false;
    return std::ranges::find(groups, group) != groups.end();
}

Exposure of_writers(const struct stat& info) {
    constexpr mode_t writable = S_IWGRP | S_IWOTH;
    if ((info.st_mode & writable) == 0) return {};
    return {"can be written by other users of this machine (mode " + octal(info.st_mode) +
                "), who could have changed it: look at what it holds, then chmod go-w it",
            {}};
}

Exposure of_owner(const struct stat& info) {
    if (info.st_uid == ::geteuid() || info.st_uid == 0) return {};
    return {{},
            "belongs to " + files::owner_text(info.st_uid) +
                ", who can change it: chown it to root or to the service's user"};
}

} // namespace

std::filesystem::path folder_of(const std::filesystem::path& file) {
    std::error_code unknown;
    const auto whole = std::filesystem::absolute(file);
    const auto settled = std::filesystem::weakly_canonical(whole, unknown);
    return (unknown ? whole : settled).parent_path();
}

Exposure exposure_of_state_folder(const std::filesystem::path& state_file) {
    const auto folder = folder_of(state_file);
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) return {};
    const std::string is = "the state's folder " + folder.string() + " can be written by ";
    const std::string risk = " (mode " + octal(info.st_mode) +
                             "), who could put files in the state's place: look at what lies "
                             "there, then chmod go-w it";
    // Where it is sticky, as a new tmpfs is, they cannot replace what is ours, and what they put
    // there first is refused for its owner.
    const bool sticky = (info.st_mode & S_ISVTX) != 0;
    if ((info.st_mode & S_IWOTH) != 0 && !sticky)
        return {is + "every user of this machine" + risk, {}};
    if ((info.st_mode & S_IWOTH) != 0) return {{}, is + "every user of this machine" + risk};
    if ((info.st_mode & S_IWGRP) != 0) return {{}, is + "its group" + risk};
    return {};
}

Exposure exposure_of_state_files(const std::filesystem::path& state_file) {
    Exposure found;
    for (const char* ending : {"", "-wal", "-shm", ".facts"}) {
        const std::filesystem::path file = state_file.string() + ending;
        struct stat info{};
        if (::stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        const auto writers = of_writers(info);
        const auto is = "the state's file " + file.string() + ' ';
        if (!writers.refused.empty()) return {is + writers.refused, {}};
        if ((info.st_mode & S_IROTH) != 0 && is_reachable_by_all(file))
            found.advice = is + "can be read by every user of this machine (mode " +
                           octal(info.st_mode) + "): chmod 600 it";
    }
    return found;
}

bool is_reachable_by_all(const std::filesystem::path& path) {
    std::error_code unknown;
    auto folder = std::filesystem::canonical(path, unknown).parent_path();
    if (unknown) return true;
    for (; !folder.empty(); folder = folder.parent_path()) {
        struct stat info{};
        if (::stat(folder.c_str(), &info) == 0 && (info.st_mode & S_IXOTH) == 0) return false;
        if (folder == folder.root_path()) break;
    }
    return true;
}

Exposure exposure_of_settings(const base::Descriptor& file) {
    struct stat info{};
    if (::fstat(file.number(), &info) != 0) return {};
    auto found = of_writers(info);
    return found.refused.empty() ? of_owner(info) : found;
}

Exposure exposure_of_secret(const base::Descriptor& file, const std::filesystem::path& path) {
    struct stat info{};
    if (::fstat(file.number(), &info) != 0) return {};
    auto found = of_writers(info);
    if (!found.refused.empty()) return found;
    const std::string mode = " (mode " + octal(info.st_mode) + "): chmod 600 it";
    if ((info.st_mode & S_IROTH) != 0 && is_reachable_by_all(path))
        return {"can be read by every user of this machine" + mode +
                    ", and replace the secret if somebody may have read it",
                {}};
    if ((info.st_mode & S_IROTH) != 0)
        return {{}, "is kept from other users of this machine by its folder alone" + mode};
    if ((info.st_mode & S_IRGRP) != 0 && !is_own_group(info.st_gid))
        return {{}, "can be read by a group that this process does not belong to" + mode};
    return of_owner(info);
}

} // namespace medibridge::config
