#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>

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

/// Nobody accepts what they have not seen: what `key` accepts of `guards`, and just that. With
/// `--yes` nobody looks, and what stands now is meant.
Json confirmed(Session& session, const std::string& question, const std::string& key,
               const Json& value, std::initializer_list<std::string_view> guards) {
    Json accept{{key, value}};
    if (session.arguments().yes) return accept;
    const Json shown = session.get("/v1/guard");
    session.say(show::guards(shown, session.style()) + "\n");
    session.confirm(question);
    Json tokens = Json::array();
    const Json& all = value_in(shown, "guards");
    for (std::size_t i = 0; all.is_array() && i < all.size(); ++i) {
        const bool is_meant = std::ranges::find(guards, raw_text(all[i], "guard")) != guards.end();
        if (is_meant) tokens.push_back(raw_text(all[i], "token"));
    }
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
                                  "mapping", true, {"guard.mapping"});
    return run_cycle(session, {{"full", true}, {"accept", accept}});
}

ExitCode accept_rewind(Session& session) {
    const auto accept = confirmed(session, "Accept what is shown now, and read everything again?",
                                  "rewind", true, {"guard.rewound", "guard.emptied"});
    return run_cycle(session, {{"full", true}, {"accept", accept}});
}

ExitCode accept_space(Session& session) {
    const auto accept = confirmed(session, "Is this the Medicapp that the patients are linked in?",
                                  "space", true, {"guard.space"});
    return run_cycle(session, {{"full", true}, {"accept", accept}});
}

ExitCode accept_changes(Session& session) {
    const Arguments& arguments = session.arguments();
    const auto accept = confirmed(session,
                                  "Write these changes, " + std::to_string(arguments.expect) +
                                      " patients, this once?",
                                  "changes", arguments.expect, {"guard.changes"});
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
                              ": no cycle begins; what senders push is still taken\n" +
                              "to go on: " + session.style().program + " resume\n");
    return ExitCode::ok;
}

ExitCode resume(Session& session) {
    const Json answer = session.post("/v1/resume");
    session.print(answer, "resumed\n");
    return ExitCode::ok;
}

} // namespace medibridge::ctl::commands
