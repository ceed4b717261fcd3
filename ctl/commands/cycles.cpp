#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace medibridge::ctl::commands {

ExitCode exit_for_outcome(const std::string& outcome) {
    if (outcome == "complete") return ExitCode::ok;
    if (outcome == "guarded") return ExitCode::guarded;
    if (outcome == "unauthorized") return ExitCode::forbidden;
    return ExitCode::unavailable;
}

namespace {

ExitCode run_cycle(Session& session, const Json& body) {
    const Json answer = session.work("POST", "/v1/cycles", body);
    session.print(answer, show::cycle(answer, flag_in(body, "dry_run"), session.style()));
    return exit_for_outcome(raw_text(answer, "outcome"));
}

/// What an operator accepts of the guards that stopped the last cycle.
struct Acceptance {
    const char* key;                      ///< of the request
    Json value;                           ///< true, or how many
    const char* words;                    ///< what a guard stopped the cycle for
    std::vector<std::string_view> guards; ///< that are meant
};

bool is_meant(const Acceptance& what, const Json& guard) {
    return std::ranges::find(what.guards, raw_text(guard, "guard")) != what.guards.end();
}

/// What would be refused after a yes is refused before the question.
void require_acceptable(const Json& guards, const Acceptance& what, const Style& style) {
    const std::string look = ": " + style.program + " guard show says what stands";
    bool stands = false;
    for (const Json& guard : guards) {
        const auto accepted = texts_in(guard, "accepted");
        stands = stands || is_meant(what, guard) ||
                 std::ranges::find(accepted, what.key) != accepted.end();
        if (!what.value.is_number() || !is_meant(what, guard)) continue;
        const Json& count = value_in(guard, "count");
        if (count != what.value)
            throw Ended(ExitCode::refused, raw_text(count) +
                                               " patients would be changed, not as many as you "
                                               "expect" +
                                               look);
    }
    if (!stands)
        throw Ended(ExitCode::refused,
                    std::string("no guard has stopped the last cycle for ") + what.words + look);
}

/// Nobody accepts what they have not seen: what is meant of the guards, and just that. With `--yes`
/// nobody looks, and what stands now is meant.
Json confirmed(Session& session, const std::string& question, const Acceptance& what) {
    Json accept{{what.key, what.value}};
    if (session.arguments().yes) return accept;
    session.require_decider();
    const Json shown = session.get("/v1/guard");
    const Json& guards = value_in(shown, "guards");
    session.say(show::guards(shown, session.style()) + "\n");
    require_acceptable(guards, what, session.style());
    session.confirm(question);
    Json tokens = Json::array();
    for (const Json& guard : guards)
        if (is_meant(what, guard)) tokens.push_back(raw_text(guard, "token"));
    if (!tokens.empty()) accept["token"] = std::move(tokens);
    return accept;
}

} // namespace

ExitCode sync(Session& session) {
    const Arguments& arguments = session.arguments();
    Json body{{"full", arguments.full}, {"dry_run", arguments.dry_run}};
    if (!arguments.source.empty()) body["source"] = arguments.source;
    return run_cycle(session, body);
}

ExitCode accept_mapping(Session& session) {
    const auto accept = confirmed(session, "Accept the changed mapping, and read everything again?",
                                  {"mapping", true, "a changed mapping", {"guard.mapping"}});
    return run_cycle(session, {{"full", true}, {"accept", accept}});
}

ExitCode accept_rewind(Session& session) {
    const auto accept =
        confirmed(session, "Accept what is shown now, and read everything again?",
                  {"rewind", true, "a side that went back", {"guard.rewound", "guard.emptied"}});
    return run_cycle(session, {{"full", true}, {"accept", accept}});
}

ExitCode accept_space(Session& session) {
    const auto accept = confirmed(session, "Is this the Medicapp that the patients are linked in?",
                                  {"space", true, "another Medicapp", {"guard.space"}});
    return run_cycle(session, {{"full", true}, {"accept", accept}});
}

ExitCode accept_changes(Session& session) {
    const Arguments& arguments = session.arguments();
    const auto accept = confirmed(
        session,
        "Write these changes, " + std::to_string(arguments.expect) + " patients, this once?",
        {"changes", arguments.expect, "the number of its changes", {"guard.changes"}});
    return run_cycle(session, {{"full", arguments.full}, {"accept", accept}});
}

ExitCode pause(Session& session) {
    const std::string& until = session.arguments().until;
    Json body{{"until", nullptr}};
    if (!until.empty()) {
        const auto moment = read_until(until, session.style().now);
        if (!moment || *moment <= session.style().now)
            throw Ended(ExitCode::usage,
                        "--until: `" + clean(until) +
                            "` is no time to come: write 2026-11-28T18:00:00Z, or for how long: "
                            "30m, 2h, 1d");
        body["until"] = rfc3339(*moment);
    }
    const Json answer = session.post("/v1/pause", body);
    const std::string end = text_in(answer, "until");
    session.print(answer, "paused until " + (end.empty() ? std::string("resumed") : end) +
                              ": no cycle begins but that of `plan apply`; what senders push is "
                              "still taken\n" +
                              "to go on: " + session.style().program + " resume\n");
    return ExitCode::ok;
}

ExitCode resume(Session& session) {
    const Json answer = session.post("/v1/resume");
    session.print(answer, "resumed\n");
    return ExitCode::ok;
}

} // namespace medibridge::ctl::commands
