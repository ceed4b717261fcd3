#include "base/files/hidden_user.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

namespace medibridge::files {

namespace {

bool is_mapped(std::uint32_t uid, std::string_view uid_map) {
    std::istringstream lines{std::string(uid_map)};
    std::uint64_t inside = 0;
    std::uint64_t outside = 0;
    std::uint64_t count = 0;
    while (lines >> inside >> outside >> count)
        if (uid >= inside && uid - inside < count) return true;
    return false;
}

} // namespace

bool is_hidden_user(std::uint32_t uid, std::string_view uid_map) {
    return uid == overflow_user && !is_mapped(uid, uid_map);
}

bool is_hidden_user(std::uint32_t uid) {
    if (uid != overflow_user) return false;
    std::ifstream in("/proc/self/uid_map");
    const std::string uid_map(std::istreambuf_iterator<char>(in), {});
    return !uid_map.empty() && is_hidden_user(uid, uid_map);
}

std::string owner_text(std::uint32_t uid) {
    if (is_hidden_user(uid)) return "another user than root and this process's";
    return "the user " + std::to_string(uid);
}

} // namespace medibridge::files
