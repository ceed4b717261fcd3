#include "arrows.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace medibridge::house {
namespace {

/// A room and the rooms, or single headers, that it may include from.
const std::map<std::string, std::set<std::string>> arrows = {
    {"runtime", {}},
    {"log", {}},
    {"reconcile", {}},
    {"config", {"reconcile", "http/proxy.hpp", "http/url.hpp"}},
    {"http", {"runtime"}},
    {"state", {"reconcile", "runtime"}},
    {"connectors", {"reconcile", "runtime", "log", "http", "config"}},
    {"sync", {"reconcile", "runtime", "log", "connectors", "state"}},
    {"daemon", {"runtime", "log", "reconcile", "config", "http", "state", "connectors", "sync"}},
    {"sandbox", {"reconcile", "runtime"}},
};

/// Third-party headers that a room's header may show: coroutine and executor types, and results.
const std::set<std::string> shown_everywhere = {
    "boost/asio/any_io_executor.hpp", "boost/asio/awaitable.hpp",     "boost/asio/co_spawn.hpp",
    "boost/asio/detached.hpp",        "boost/asio/io_context.hpp",    "boost/asio/post.hpp",
    "boost/asio/thread_pool.hpp",     "boost/asio/use_awaitable.hpp", "boost/system/result.hpp",
};

/// Headers that are a room's own business: they may show third parties, and no other room may
/// include them.
const std::set<std::string> internal_headers = {
    "connectors/his/hl7/mllp_connection.hpp",
    "connectors/his/hl7/mllp_stream.hpp",
    "http/connection.hpp",
    "http/exchange.hpp",
    "http/pool.hpp",
    "http/resolver.hpp",
    "http/trust.hpp",
};

std::string folder(const std::string& path) {
    return path.substr(0, path.find('/'));
}

std::string joined(const std::set<std::string>& names) {
    if (names.empty()) return "no other room";
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool may_include(const std::string& room, const std::string& header) {
    const std::set<std::string>& allowed = arrows.at(room);
    return folder(header) == room || allowed.contains(header) ||
           (allowed.contains(folder(header)) && !internal_headers.contains(header));
}

} // namespace

std::vector<Include> includes(const SourceFile& file) {
    std::vector<Include> found;
    std::istringstream lines(file.text);
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (!line.starts_with("#include ")) continue;
        const auto open = line.find_first_of("\"<");
        const auto close = line.find_first_of("\">", open + 1);
        if (open == std::string::npos || close == std::string::npos) continue;
        found.push_back({line.substr(open + 1, close - open - 1), number, line[open] == '"'});
    }
    return found;
}

std::vector<Finding> wrong_arrows(const SourceFile& file) {
    std::vector<Finding> findings;
    const std::string room = file.room();
    if (!file.is_code() || !arrows.contains(room)) return findings;
    for (const Include& include : includes(file)) {
        if (!include.quoted || may_include(room, include.header)) continue;
        findings.push_back(
            {file.path, include.line,
             "includes \"" + include.header + "\", but " + room + " may include from " +
                 joined(arrows.at(room)) +
                 " only, and by the full path: move the code to the room that may know both, or "
                 "pass in what is needed"});
    }
    return findings;
}

std::vector<Finding> foreign_headers(const SourceFile& file) {
    std::vector<Finding> findings;
    if (!file.is_header() || !arrows.contains(file.room()) || internal_headers.contains(file.path))
        return findings;
    for (const Include& include : includes(file)) {
        // The standard library's headers have neither folder nor suffix, but for its extensions.
        const bool standard = include.header.find_first_of("./") == std::string::npos ||
                              include.header.starts_with("ext/");
        if (include.quoted || standard || shown_everywhere.contains(include.header)) continue;
        findings.push_back({file.path, include.line,
                            "shows <" + include.header +
                                "> to whoever includes this header: keep it in a .cpp, behind a "
                                "forward declaration or a struct Impl"});
    }
    return findings;
}

} // namespace medibridge::house
