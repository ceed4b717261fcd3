#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

namespace medibridge::ctl::commands {

namespace {

ExitCode exit_for_outcome(const std::string& outcome) {
    if (outcome == "complete") return ExitCode::ok;
    if (outcome == "guarded") return ExitCode::guarded;
    if (outcome == "unauthorized") return ExitCode::forbidden;
    return ExitCode::unavailable;
}

ExitCode run_cycle(Session& session, const Json& body) {
    const Json answer = session.work("POST", "/v1/cycles", body);
    session.print(answer, show::cycle(answer, flag_in(body, "dry_run"), session.style()));
    return exit_for_outcome(raw_text(answer, "outcome"));
}

/// Nobody accepts what they have not seen.
void confirm_guard(Session& session, const std::string& question) {
    if (session.arguments().yes) return;
    session.say(show::guards(session.get("/v1/guard"), session.style()) + "\n");
    session.confirm(question);
}

} // namespace

ExitCode sync(Session& session) {
    const Arguments& arguments = session.arguments();
    Json body{{"full", arguments.full}, {"dry_run", arguments.dry_run}};
    if (!arguments.source.empty()) body["source"] = arguments.source;
    return run_cycle(session, body);
}

ExitCode accept_mapping(Session& session) {
    confirm_guard(session, "Accept the changed mapping, and read everything again?");
    return run_cycle(session, {{"full", true}, {"accept", {{"mapping", true}}}});
}

ExitCode accept_rewind(Session& session) {
    confirm_guard(session, "Accept what is shown now, and read everything again?");
    return run_cycle(session, {{"full", true}, {"accept", {{"rewind", true}}}});
}

ExitCode accept_space(Session& session) {
    confirm_guard(session, "Is this the Medicapp that the patients are linked in?");
    return run_cycle(session, {{"full", true}, {"accept", {{"space", true}}}});
}

ExitCode accept_changes(Session& session) {
    const Arguments& arguments = session.arguments();
    confirm_guard(session, "Write these changes, " + std::to_string(arguments.expect) +
                               " patients, this once?");
    return run_cycle(session,
                     {{"full", arguments.full}, {"accept", {{"changes", arguments.expect}}}});
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
