#include "ctl/socket_place.hpp"

#include "base/files/content.hpp"
#include "config/document.hpp"
#include "ctl/arguments.hpp"
#include "ctl/clean.hpp"

#include <algorithm>
#include <grp.h>
#include <sys/stat.h>

namespace medibridge::ctl {

namespace fs = std::filesystem;

namespace {

constexpr const char* file_name = "control.sock";
constexpr const char* service_directory = "/run/medibridge";

struct Configured {
    std::string socket;
    std::string state;
};

std::string text_at(const config::Node& root, const std::string& section, const std::string& key) {
    for (const config::Entry& outer : root.entries) {
        if (outer.key != section) continue;
        for (const config::Entry& inner : outer.value.entries)
            if (inner.key == key) return inner.value.text;
    }
    return {};
}

std::expected<Configured, std::string> read_configuration(const fs::path& file,
                                                          const config::Environment& environment) {
    const auto text = files::read_given(file, config::max_document_size);
    if (!text)
        return std::unexpected(clean(file.string()) + ": the configuration " + text.error().text);
    config::Report report(clean(file.string()), environment);
    const auto root = config::read_document(*text, report);
    if (!root) {
        std::string mistakes;
        for (const auto& mistake : report.take_mistakes())
            mistakes += (mistakes.empty() ? "" : "\n") + mistake.to_string();
        return std::unexpected(mistakes);
    }
    return Configured{text_at(*root, "control", "socket"), text_at(*root, "state", "path")};
}

std::string group_of(const struct stat& status) {
    const group* const entry = getgrgid(status.st_gid);
    return entry != nullptr ? std::string(entry->gr_name) : std::to_string(status.st_gid);
}

/// The group whose members may go on where this user may not: of the socket, or of the first
/// folder on the way that is closed.
std::string needed_group(const fs::path& socket) {
    struct stat status{};
    for (fs::path place = socket; !place.empty() && place != place.root_path();
         place = place.parent_path())
        if (stat(place.c_str(), &status) == 0) return group_of(status);
    return {};
}

std::string sentence(const Attempt& attempt) {
    const std::string where = clean(attempt.socket.string());
    struct stat status{};
    switch (attempt.error) {
    case EACCES:
    case EPERM: {
        const std::string group = needed_group(attempt.socket);
        return "you may not open " + where + ": it is for the group " +
               (group.empty() ? "of the service" : group) +
               "; use sudo, or become a member (usermod -aG " + (group.empty() ? "GROUP" : group) +
               " USER, then log in again)";
    }
    case ECONNREFUSED:
    case ENOTSOCK:
    case EPROTOTYPE:
        if (stat(attempt.socket.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode))
            return where + " is not a socket: give the daemon's with --socket or --config";
        return "nobody listens at " + where +
               " any more: the daemon has ended; `systemctl status medibridge` says why";
    case ENOENT:
    case ENOTDIR:
        return "no daemon listens at " + where +
               ": start it (systemctl start medibridge), or name its --config or --socket";
    default:
        return "the daemon cannot be reached at " + where + ": " +
               std::generic_category().message(attempt.error);
    }
}

} // namespace

std::expected<std::vector<fs::path>, std::string>
socket_places(const std::string& socket, const fs::path& config,
              const std::function<std::optional<std::string>(const std::string&)>& environment) {
    if (!socket.empty()) return std::vector<fs::path>{socket};
    const bool is_default = config == default_config;
    const auto configured = read_configuration(config, environment);
    std::error_code error;
    const bool absent = !fs::exists(config, error);
    // A closed file of the default place is as good as none: the service's own place is known.
    if (!configured && !(is_default && (absent || error || errno == EACCES)))
        return std::unexpected(configured.error());
    if (configured && !configured->socket.empty()) return std::vector<fs::path>{configured->socket};

    std::vector<fs::path> places;
    const auto runtime = environment("RUNTIME_DIRECTORY");
    if (runtime && !runtime->empty())
        places.push_back(fs::path(runtime->substr(0, runtime->find(':'))) / file_name);
    if (is_default) places.push_back(fs::path(service_directory) / file_name);
    // medibridge@north.service has its configuration in north.yaml.
    const bool is_site =
        !is_default && config.parent_path() == fs::path(default_config).parent_path();
    if (is_site)
        places.push_back(service_directory + ("-" + config.stem().string()) + "/" + file_name);
    if (configured && !configured->state.empty())
        places.push_back(fs::absolute(configured->state).parent_path() / file_name);
    if (places.empty())
        return std::unexpected(clean(config.string()) +
                               ": neither control.socket nor state.path is given");
    return places;
}

std::expected<fs::path, std::string>
configured_state(const fs::path& config,
                 const std::function<std::optional<std::string>(const std::string&)>& environment) {
    const auto configured = read_configuration(config, environment);
    if (!configured) return std::unexpected(configured.error());
    if (configured->state.empty())
        return std::unexpected(clean(config.string()) + ": state.path is not given");
    return fs::absolute(configured->state);
}

std::string unreachable_text(const std::vector<Attempt>& attempts) {
    // A place that exists says more than one that does not.
    const auto telling = std::ranges::find_if(attempts, [](const Attempt& attempt) {
        return attempt.error != ENOENT && attempt.error != ENOTDIR;
    });
    return sentence(telling == attempts.end() ? attempts.front() : *telling);
}

} // namespace medibridge::ctl
