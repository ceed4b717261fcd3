#include "control/doctor/disk.hpp"

#include <cerrno>
#include <sys/statvfs.h>
#include <system_error>

namespace medibridge::control::doctor {

namespace {

constexpr std::uint64_t mebibyte = 1u << 20;
constexpr std::uint64_t enough = 1024 * mebibyte;
/// Below this a cycle may not be able to keep what it did.
constexpr std::uint64_t nothing_left = 16 * mebibyte;
constexpr std::uint64_t enough_percent = 10;

} // namespace

DiskSpace disk_space_at(const std::filesystem::path& path) {
    DiskSpace space;
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) {
        space.trouble = std::generic_category().message(errno);
        return space;
    }
    space.available = std::uint64_t{info.f_bavail} * info.f_frsize;
    space.capacity = std::uint64_t{info.f_blocks} * info.f_frsize;
    return space;
}

Check judge_disk(const DiskSpace& space) {
    const std::string name = "disk space";
    constexpr const char* fix =
        "free space on the file system of the state, or move the state to a "
        "larger one";
    if (!space.trouble.empty())
        return fail(name, "cannot be looked at: " + space.trouble, "check state.path");
    const auto percent = space.capacity == 0 ? 100 : space.available * 100 / space.capacity;
    const auto message = std::to_string(space.available / mebibyte) + " MiB are free, " +
                         std::to_string(percent) + " %";
    if (space.available < nothing_left) return fail(name, message, fix);
    if (space.available < enough || percent < enough_percent) return warn(name, message, fix);
    return ok(name, message);
}

} // namespace medibridge::control::doctor
