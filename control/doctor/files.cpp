#include "control/doctor/files.hpp"

#include "base/files/content.hpp"
#include "base/files/hidden_user.hpp"
#include "config/document.hpp"
#include "config/load.hpp"
#include "config/site.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <iterator>
#include <sys/stat.h>
#include <system_error>

namespace medibridge::control::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t permission_bits = 07777;
constexpr std::uint32_t of_others = S_IRWXO;
constexpr std::uint32_t of_group = S_IRWXG;

std::string octal(std::uint32_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", mode);
    return text.data();
}

void find_secrets(const config::Node& node, std::vector<fs::path>& found) {
    const bool is_reference = node.entries.size() == 1 && node.entries[0].key == "file" &&
                              node.entries[0].value.kind == config::Node::Kind::scalar;
    if (is_reference) found.emplace_back(node.entries[0].value.text);
    for (const auto& entry : node.entries)
        find_secrets(entry.value, found);
    for (const auto& item : node.items)
        find_secrets(item, found);
}

} // namespace

FileFacts look_at_file(const fs::path& path) {
    FileFacts facts{path, {}, 0, {}};
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) {
        facts.trouble = std::generic_category().message(errno);
        return facts;
    }
    facts.mode = info.st_mode & permission_bits;
    facts.owner = info.st_uid;
    return facts;
}

Check judge_secret_file(const std::string& name, const FileFacts& file, std::uint32_t own_uid) {
    const auto path = file.path.string();
    if (!file.mode)
        return fail(name, path + " cannot be looked at: " + file.trouble,
                    "put the file there, readable by the service's user");
    const auto is = path + " has mode " + octal(*file.mode);
    const auto closing = "chmod 600 " + path;
    if (*file.mode & of_others)
        return fail(name, is + ": other users of this machine can use it",
                    closing + "; if somebody may have read it, replace the secret");
    if (*file.mode & of_group)
        return warn(name, is + ": the users of its group can use it", closing);
    if (file.owner != own_uid && file.owner != 0)
        return warn(name,
                    path + " belongs to " + files::owner_text(file.owner) +
                        ", neither the service's nor root",
                    "chown it to the service's user");
    return ok(name, is);
}

Check judge_state_folder(const FileFacts& folder, std::uint32_t own_uid) {
    const std::string name = "state folder";
    const auto path = folder.path.string();
    if (!folder.mode)
        return fail(name, path + " cannot be looked at: " + folder.trouble,
                    "make the folder, owned by the service's user");
    const auto is = path + " has mode " + octal(*folder.mode);
    const bool everybodys = (*folder.mode & S_IWOTH) != 0;
    // As in /tmp: others cannot replace what is ours, but still read names.
    if (everybodys && (*folder.mode & S_ISVTX) != 0)
        return warn(name, is + ": every user can put files there", "chmod 750 " + path);
    if (everybodys)
        return fail(name, is + ": every user can put files there; the service does not start so",
                    "look at what lies there, then chmod 750 " + path);
    if (folder.owner != own_uid && folder.owner != 0)
        return warn(name, path + " belongs to " + files::owner_text(folder.owner),
                    "chown it to the service's user");
    return ok(name, is);
}

std::vector<fs::path> secret_files_in(const fs::path& config_file) {
    const auto text = files::read_given(config_file, config::max_document_size);
    const auto environment = config::process_environment();
    config::Report ignored(config_file.string(), environment);
    std::vector<fs::path> found;
    if (const auto document = text ? config::read_document(*text, ignored) : std::nullopt)
        find_secrets(*document, found);
    std::ranges::sort(found);
    const auto doubles = std::ranges::unique(found);
    found.erase(doubles.begin(), doubles.end());
    return found;
}

fs::path standing_folder_of(fs::path folder) {
    std::error_code none;
    while (!fs::exists(folder, none) && folder.has_relative_path())
        folder = folder.parent_path();
    return folder;
}

namespace {

/// The state and its key, where there is a state.
Checks check_state(const config::StateSettings& state, std::uint32_t own_uid) {
    Checks checks{judge_secret_file("state file", look_at_file(state.path), own_uid)};
    auto key = state.path;
    key += ".key";
    const auto found = look_at_file(key);
    if (!state.key)
        checks.push_back(judge_secret_file("state key", found, own_uid));
    else if (found.mode)
        checks.push_back(warn("state key",
                              key.string() + " is still there, while state.key says where the key "
                                             "is: a copy of the state's folder has both",
                              "compare them, then remove " + key.string() +
                                  "; keep it elsewhere if backups need it"));
    return checks;
}

} // namespace

Checks check_files(const fs::path& config_file, const config::StateSettings& state,
                   std::uint32_t own_uid, bool is_to_come) {
    Checks checks;
    for (const auto& path : secret_files_in(config_file))
        checks.push_back(judge_secret_file("secret file", look_at_file(path), own_uid));
    if (is_to_come)
        checks.push_back(ok("state", "there is none yet at " + state.path.string() +
                                         ", which is right before the first start: the service "
                                         "makes it"));
    else
        std::ranges::move(check_state(state, own_uid), std::back_inserter(checks));
    const auto folder = fs::absolute(state.path).parent_path();
    const auto facts = look_at_file(folder);
    const auto its = config::folders_of_unit(config_file);
    if (is_to_come && !facts.mode && its && its->state == folder)
        checks.push_back(
            ok("state folder", folder.string() + " is not there yet: systemd makes it as " +
                                   config::service_unit(config_file) + ".service starts"));
    else
        checks.push_back(judge_state_folder(facts, own_uid));
    return checks;
}

} // namespace medibridge::control::doctor
