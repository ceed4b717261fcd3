#include "arrows.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace medibridge::house {
namespace {

/// The row of every kind of source: a folder of `connectors/` that has no row of its own. No kind
/// may include from another.
const std::string kind_of_source = "connectors/KIND";

/// A room and the rooms, or single headers, that it may include from.
const std::map<std::string, std::set<std::string>> arrows = {
    {"base/bytes", {}},
    {"base/files", {"base/bytes"}},
    {"base/time", {"base/bytes"}},
    {"base/figures", {}},
    {"base/log", {"base/bytes"}},
    {"base/runtime", {}},
    {"base/http", {"base/bytes", "base/figures", "base/files", "base/runtime", "base/time"}},
    // Half of it is a program of its own, which is to stay small.
    {"peers", {"base/bytes", "base/runtime", "base/http/server.hpp"}},
    {"reconcile", {"base/bytes", "base/time"}},
    {"config", {"base/bytes", "base/files", "reconcile", "base/http/url.hpp"}},
    {"state", {"base/bytes", "base/figures", "base/files", "reconcile", "base/runtime"}},
    {"connectors/source",
     {"base/bytes", "base/figures", "reconcile", "base/runtime", "base/log", "base/http",
      "config"}},
    {"connectors/mapping", {"base/bytes", "reconcile", "base/log", "config"}},
    {"connectors/json", {"base/bytes", "connectors/mapping"}},
    {"connectors/fhir_resource",
     {"base/bytes", "reconcile", "connectors/mapping", "connectors/json"}},
    {"connectors/medicapp",
     {"base/bytes", "base/figures", "reconcile", "base/runtime", "base/log", "base/http", "config",
      "connectors/json", "connectors/fhir_resource"}},
    {"connectors/web",
     {"base/bytes", "base/figures", "reconcile", "base/runtime", "base/http", "config",
      "connectors/source", "connectors/json"}},
    {"connectors/inbox",
     {"reconcile", "base/bytes", "base/runtime", "base/log", "state", "connectors/source"}},
    {kind_of_source,
     {"base/bytes", "base/figures", "base/files", "reconcile", "base/runtime", "base/log",
      "base/http", "config", "connectors/source", "connectors/mapping", "connectors/json",
      "connectors/fhir_resource", "connectors/web", "connectors/inbox"}},
    {"connectors/kinds", {"config", "connectors/source", kind_of_source}},
    // It decides: no task, store, log or client is in its sight.
    {"sync/core",
     {"reconcile", "base/bytes", "base/log/event.hpp", "base/log/catalogue.hpp", "state/batch.hpp",
      "state/records.hpp", "connectors/medicapp/values.hpp"}},
    {"sync/shell",
     {"reconcile", "base/bytes", "base/runtime", "base/log", "state", "connectors/source",
      "connectors/medicapp", "sync/core"}},
    {"control",
     {"base/bytes", "base/figures", "base/files", "base/runtime", "base/log", "base/http",
      "reconcile", "config", "state", "sync/core", "connectors/medicapp"}},
    // Shows what it is given: no client, no state file.
    {"control/monitoring",
     {"base/figures", "base/http", "base/runtime", "reconcile", "state/records.hpp",
      "state/store.hpp", "sync/core/report.hpp", "control/backend.hpp", "control/left_files.hpp"}},
    {"daemon",
     {"base/bytes", "base/figures", "base/files", "base/runtime", "base/log", "base/http", "peers",
      "reconcile", "config", "state", "sync/core", "sync/shell", "connectors/medicapp",
      "connectors/source", "connectors/inbox", "connectors/kinds", "control",
      "control/monitoring"}},
    // A client: of the daemon it knows the API's JSON, of the configuration two keys. Where no
    // daemon runs, the program does the daemon's work itself.
    {"ctl",
     {"base/bytes", "base/files", "base/time", "config/document.hpp", "config/exposure.hpp",
      "config/site.hpp", "daemon/local_files.hpp", "daemon/local_state.hpp"}},
    {"sandbox", {"reconcile", "base/runtime"}},
};

/// Third-party headers that a room's header may show: coroutine and executor types.
const std::set<std::string> shown_everywhere = {
    "boost/asio/any_io_executor.hpp", "boost/asio/awaitable.hpp",     "boost/asio/co_spawn.hpp",
    "boost/asio/detached.hpp",        "boost/asio/io_context.hpp",    "boost/asio/post.hpp",
    "boost/asio/thread_pool.hpp",     "boost/asio/use_awaitable.hpp",
};

/// Headers that are a room's own business: they may show third parties, and no other room may
/// include them.
const std::set<std::string> internal_headers = {
    "connectors/hl7v2/mllp_connection.hpp",
    "connectors/hl7v2/mllp_stream.hpp",
    "connectors/hl7v2/senders.hpp",
    "control/call.hpp",
    "control/narrator.hpp",
    "control/operations.hpp",
    "control/routes.hpp",
    "base/http/connection.hpp",
    "base/http/pending_request.hpp",
    "base/http/pool.hpp",
    "base/http/resolver.hpp",
    "base/http/server_connection.hpp",
    "base/http/server_socket.hpp",
    "base/http/trust.hpp",
    "peers/question.hpp",
    "peers/tell.hpp",
    "ctl/commands/commands.hpp",
    "ctl/json.hpp",
    "ctl/session.hpp",
    "ctl/setup/draft.hpp",
    "ctl/setup/files.hpp",
    "ctl/setup/home.hpp",
    "ctl/setup/interview.hpp",
    "ctl/setup/judge.hpp",
    "ctl/setup/question.hpp",
    "ctl/show/show.hpp",
};

/// The room that holds a file: its longest folder that has a row of its own, or its kind of source.
std::string room_of(const std::string& path) {
    for (auto end = path.rfind('/'); end != std::string::npos && end > 0;
         end = path.rfind('/', end - 1))
        if (arrows.contains(path.substr(0, end))) return path.substr(0, end);
    const std::string connectors = "connectors/";
    if (!path.starts_with(connectors)) return {};
    const auto end = path.find('/', connectors.size());
    return end == std::string::npos ? std::string() : path.substr(0, end);
}

const std::string& row_of(const std::string& room) {
    return arrows.contains(room) ? room : kind_of_source;
}

std::string joined(const std::set<std::string>& names) {
    if (names.empty()) return "no other room";
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool may_include(const std::string& room, const std::string& header) {
    const std::set<std::string>& allowed = arrows.at(row_of(room));
    const std::string other = room_of(header);
    if (other == room || allowed.contains(header)) return true;
    return !other.empty() && allowed.contains(row_of(other)) && !internal_headers.contains(header);
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
    const std::string room = room_of(file.path);
    if (!file.is_code() || room.empty()) return findings;
    for (const Include& include : includes(file)) {
        if (!include.quoted || may_include(room, include.header)) continue;
        findings.push_back(
            {file.path, include.line,
             "includes \"" + include.header + "\", but " + room + " may include from " +
                 joined(arrows.at(row_of(room))) +
                 " only, and by the full path: move the code to the room that may know both, or "
                 "pass in what is needed"});
    }
    return findings;
}

std::vector<Finding> foreign_headers(const SourceFile& file) {
    std::vector<Finding> findings;
    if (!file.is_header() || room_of(file.path).empty() || internal_headers.contains(file.path))
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
