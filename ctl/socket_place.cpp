#include "ctl/socket_place.hpp"

#include "base/files/content.hpp"
#include "config/document.hpp"
#include "config/site.hpp"
#include "ctl/arguments.hpp"
#include "ctl/clean.hpp"

#include <algorithm>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

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
    if (!text) {
        const auto name = clean(file.string());
        std::error_code error;
        const bool missing = !fs::exists(file, error) && !error;
        return std::unexpected(name + ": the configuration " + text.error().text +
                               (missing ? ". To make it, answer the questions of medibridgectl "
                                          "--config " +
                                              name + " setup"
                                        : ""));
    }
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

/// The socket, or the first folder on the way to it that is closed to this user.
fs::path closed_place(const fs::path& socket) {
    struct stat status{};
    for (fs::path place = socket; !place.empty() && place != place.root_path();
         place = place.parent_path())
        if (stat(place.c_str(), &status) == 0) return place;
    return {};
}

/// The unit of the service whose socket that is: a site has a folder of its own.
std::string unit_at(const fs::path& socket) {
    const std::string name = clean(socket.parent_path().filename().string());
    const std::string of_a_site = "medibridge-";
    return name.starts_with(of_a_site) ? "medibridge@" + name.substr(of_a_site.size())
                                       : "medibridge";
}

std::string forbidden_text(const fs::path& socket, const Groups& groups) {
    const std::string where = clean(socket.string());
    const auto place = closed_place(socket);
    struct stat status{};
    if (place.empty() || stat(place.c_str(), &status) != 0)
        return "you may not open " + where + ": use sudo";
    const std::string group = clean(group_of(status));
    const bool member = groups.given.contains(status.st_gid);
    if (!member && status.st_gid == 0)
        return "you may not open " + where +
               ": it is root's: use sudo, or run the service as a user of its own";
    if (!member)
        return "you may not open " + where + ": it is for the group " + group +
               "; use sudo, or become a member (usermod -aG " + group + " USER, then log in again)";
    if (!groups.of_session.contains(status.st_gid))
        return "you may not open " + where + ": you are a member of the group " + group +
               ", but this session began before: log in again, or run it by sg " + group + " -c";
    if (place == socket)
        return "you may not open " + where + ", although you are in its group " + group +
               ": its mode must be 0660; restart the service (systemctl restart " +
               unit_at(socket) + ")";
    return "you may not look into " + clean(place.string()) + ", although you are in its group " +
           group + ": use sudo, or let control.socket name a place that the group may reach";
}

std::set<gid_t> groups_of_session() {
    std::vector<gid_t> found(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
    const int count = getgroups(static_cast<int>(found.size()), found.data());
    found.resize(static_cast<std::size_t>(std::max(0, count)));
    std::set<gid_t> all(found.begin(), found.end());
    all.insert(getegid());
    return all;
}

/// As the user database gives them.
std::set<gid_t> groups_of_user() {
    const passwd* const user = getpwuid(getuid());
    if (user == nullptr) return {};
    constexpr int most = 1024;
    std::vector<gid_t> found(most);
    int count = most;
    if (getgrouplist(user->pw_name, user->pw_gid, found.data(), &count) < 0) return {};
    return {found.begin(), found.begin() + count};
}

std::string sentence(const Attempt& attempt, const Groups& groups) {
    const std::string where = clean(attempt.socket.string());
    struct stat status{};
    switch (attempt.error) {
    case EACCES:
    case EPERM:
        return forbidden_text(attempt.socket, groups);
    case ECONNREFUSED:
    case ENOTSOCK:
    case EPROTOTYPE:
        if (stat(attempt.socket.c_str(), &status) == 0 && !S_ISSOCK(status.st_mode))
            return where + " is not a socket: give the daemon's with --socket or --config";
        return "nobody listens at " + where +
               " any more: the daemon has ended; `systemctl status " + unit_at(attempt.socket) +
               "` says why";
    case ENOENT:
    case ENOTDIR:
        return "no daemon listens at " + where + ": start it (systemctl start " +
               unit_at(attempt.socket) + "), or name its --config or --socket";
    default:
        return "the daemon cannot be reached at " + where + ": " +
               std::generic_category().message(attempt.error);
    }
}

bool is_too_long(const fs::path& socket) {
    return socket.string().size() > longest_socket_path;
}

std::string too_long_text(const fs::path& socket) {
    return "the control socket's path has " + std::to_string(socket.string().size()) +
           " bytes, and the system allows " + std::to_string(longest_socket_path) +
           ": name a shorter one with control.socket (" + clean(socket.string()) + ")";
}

} // namespace

std::expected<std::vector<fs::path>, std::string>
socket_places(const std::string& socket, const fs::path& config,
              const std::function<std::optional<std::string>(const std::string&)>& environment) {
    if (!socket.empty()) return std::vector<fs::path>{socket};
    const bool is_default = config == default_config;
    // medibridge@north.service has its configuration in north.yaml.
    const auto site = config::site_of(config);
    const auto configured = read_configuration(config, environment);
    // A service that runs goes on with what it read: it is found where its unit has it listen, also
    // while somebody edits the file. Where none runs, the state cannot be opened, and the mistakes
    // are told then.
    if (!configured && !is_default && site.empty()) return std::unexpected(configured.error());
    if (configured && !configured->socket.empty()) {
        if (is_too_long(configured->socket))
            return std::unexpected(too_long_text(configured->socket));
        return std::vector<fs::path>{configured->socket};
    }

    std::vector<fs::path> places;
    const auto runtime = environment("RUNTIME_DIRECTORY");
    if (runtime && !runtime->empty())
        places.push_back(fs::path(runtime->substr(0, runtime->find(':'))) / file_name);
    if (is_default) places.push_back(fs::path(service_directory) / file_name);
    if (!site.empty()) places.push_back(service_directory + ("-" + site) + "/" + file_name);
    if (configured && !configured->state.empty())
        places.push_back(fs::absolute(configured->state).parent_path() / file_name);
    const auto given = places;
    std::erase_if(places, is_too_long);
    if (places.empty() && !given.empty()) return std::unexpected(too_long_text(given.back()));
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

Groups own_groups() {
    Groups own{groups_of_session(), groups_of_user()};
    own.given.insert(own.of_session.begin(), own.of_session.end());
    return own;
}

std::string unreachable_text(const std::vector<Attempt>& attempts, const Groups& groups) {
    const auto is_absent = [](const Attempt& attempt) {
        return attempt.error == ENOENT || attempt.error == ENOTDIR;
    };
    // A folder that is closed says nothing of the socket: with the service stopped, it is what the
    // state's folder always is.
    const auto is_hidden = [](const Attempt& attempt) {
        return attempt.error == EACCES && closed_place(attempt.socket) != attempt.socket;
    };
    const auto telling = std::ranges::find_if(attempts, [&](const Attempt& attempt) {
        return !is_absent(attempt) && !is_hidden(attempt);
    });
    if (telling != attempts.end()) return sentence(*telling, groups);
    const auto absent = std::ranges::find_if(attempts, is_absent);
    if (absent == attempts.end()) return sentence(attempts.front(), groups);
    const auto hidden = std::ranges::find_if(attempts, is_hidden);
    if (hidden == attempts.end()) return sentence(*absent, groups);
    return sentence(*absent, groups) + "; if it listens at " + clean(hidden->socket.string()) +
           ", where you may not look, use sudo";
}

} // namespace medibridge::ctl
