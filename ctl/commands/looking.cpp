#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

#include <algorithm>
#include <ostream>

namespace medibridge::ctl::commands {

namespace {

constexpr std::chrono::seconds watch_pause{2};
constexpr const char* clear_screen = "\x1b[H\x1b[2J";

/// Ends when the daemon does, or by Ctrl-C.
[[noreturn]] void watch(Session& session) {
    const Surroundings& around = session.surroundings();
    Style style = session.style();
    for (;;) {
        const Json answer = session.get("/v1/status");
        style.now = around.now();
        if (around.terminal.out_is_terminal) *around.terminal.out << clear_screen;
        session.print(answer, show::status(answer, style));
        around.sleep(watch_pause);
    }
}

} // namespace

ExitCode status(Session& session) {
    if (session.arguments().watch) watch(session);
    const Json answer = session.get("/v1/status");
    session.print(answer, show::status(answer, session.style()));
    return ExitCode::ok;
}

ExitCode why(Session& session) {
    const Json answer = session.get(path("/v1/patients/", session.arguments().text));
    session.print(answer, show::patient(answer, session.style()));
    return ExitCode::ok;
}

ExitCode find(Session& session) {
    const Json answer = session.get(query("/v1/patients", {{"search", session.arguments().text}}));
    session.print(answer, show::found(answer, session.style()));
    const Json& sides = value_in(answer, "sides");
    const bool all_up = !sides.is_array() || std::ranges::none_of(sides, [](const Json& side) {
        return value_in(side, "up").is_boolean() && !flag_in(side, "up");
    });
    return all_up ? ExitCode::ok : ExitCode::unavailable;
}

ExitCode pseudonym(Session& session) {
    const Json answer = session.get(path("/v1/pseudonyms/", session.arguments().text));
    session.print(answer, show::pseudonym(answer));
    return ExitCode::ok;
}

ExitCode doctor(Session& session) {
    const Json answer = session.work("GET", "/v1/doctor");
    session.print(answer, show::doctor(answer, session.style()));
    return flag_in(answer, "ok") ? ExitCode::ok : ExitCode::refused;
}

ExitCode probe(Session& session) {
    const bool sentinel = session.arguments().with_sentinel;
    const Json answer = session.work("POST", sentinel ? "/v1/probe/sentinel" : "/v1/probe");
    session.print(answer, show::probe(answer, session.style()));
    return ExitCode::ok;
}

ExitCode guard_show(Session& session) {
    const Json answer = session.get("/v1/guard");
    session.print(answer, show::guards(answer, session.style()));
    return ExitCode::ok;
}

namespace {

/// Of one answer.
constexpr std::int64_t most_audit_lines = 10'000;
/// For a person, where they do not say how many.
constexpr std::int64_t usual_audit_lines = 200;

/// Every line, oldest first, as an audit is kept elsewhere.
void export_audit(Session& session) {
    const Arguments& arguments = session.arguments();
    std::int64_t after = 0;
    for (;;) {
        const Json answer =
            session.get(query("/v1/audit", {{"since", session.since(arguments.since)},
                                            {"patient", arguments.patient},
                                            {"actor", arguments.actor},
                                            {"limit", std::to_string(most_audit_lines)},
                                            {"after", std::to_string(after)}}));
        const Json& lines = value_in(answer, "audit");
        if (!lines.is_array()) return;
        for (const Json& line : lines)
            session.print(line, {});
        if (static_cast<std::int64_t>(lines.size()) < most_audit_lines) return;
        after = value_in(lines.back(), "id").get<std::int64_t>();
    }
}

} // namespace

ExitCode audit(Session& session) {
    const Arguments& arguments = session.arguments();
    if (arguments.verify) {
        const Json answer = session.get("/v1/audit/verification");
        session.print(answer, show::verification(answer, session.style()));
        return flag_in(answer, "intact") ? ExitCode::ok : ExitCode::internal;
    }
    if (session.json() && arguments.limit == 0) {
        export_audit(session);
        return ExitCode::ok;
    }
    const std::int64_t limit = arguments.limit == 0 ? usual_audit_lines : arguments.limit;
    const Json answer = session.get(query("/v1/audit", {{"since", session.since(arguments.since)},
                                                        {"patient", arguments.patient},
                                                        {"actor", arguments.actor},
                                                        {"limit", std::to_string(limit)}}));
    const Json& lines = value_in(answer, "audit");
    if (session.json() && lines.is_array())
        for (const Json& line : lines)
            session.print(line, {});
    if (!session.json()) session.print(answer, show::audit(answer, session.style()));
    if (lines.is_array() && static_cast<std::int64_t>(lines.size()) == limit)
        session.say(
            "the newest " + std::to_string(limit) +
            " lines; there may be older ones: --limit, --since, or --output json for all\n");
    return ExitCode::ok;
}

ExitCode held_list(Session& session) {
    const Filter& filter = session.arguments().filter;
    const Json answer = session.get(query("/v1/held", {{"reason", filter.reason},
                                                       {"source", filter.source},
                                                       {"since", session.since(filter.since)},
                                                       {"search", filter.search},
                                                       {"kind", filter.kind}}));
    session.print(answer, show::held_list(answer, session.style()));
    return ExitCode::ok;
}

ExitCode held_show(Session& session) {
    const Json answer = session.get(path("/v1/held/", session.arguments().ids.front()));
    session.print(answer, show::held_patient(answer, session.style()));
    return ExitCode::ok;
}

} // namespace medibridge::ctl::commands
