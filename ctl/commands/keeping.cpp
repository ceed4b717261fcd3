#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

namespace medibridge::ctl::commands {

ExitCode erase(Session& session) {
    const std::string& id = session.arguments().text;
    const std::string target = path("/v1/patients/", id, "/erasure");
    const Json whom = session.get(target);
    const Json& records = value_in(whom, "records");
    session.say(show::erasure(whom, session.style()));
    session.confirm_text("Type the externalId:", id);
    if (!records.is_null()) session.confirm_text("Type the number of records:", raw_text(records));
    const Json answer =
        session.post(target, {{"token", value_in(whom, "token")}, {"records", records}});
    const std::string result = text_in(answer, "result");
    session.print(answer, text_in(answer, "external_id") + "  erasure: " + result + "\n");
    return result == "refused" ? ExitCode::refused : ExitCode::ok;
}

ExitCode backup(Session& session) {
    // The daemon writes it, and stands in another folder.
    const auto file = std::filesystem::absolute(session.arguments().file);
    const Json answer = session.post("/v1/backup", {{"file", file.string()}});
    session.print(answer, text_in(answer, "file") + ": " + text_in(answer, "bytes") +
                              " bytes. Keep the state's key elsewhere: without it the backup "
                              "cannot be read.\n");
    return ExitCode::ok;
}

ExitCode restore(Session& session) {
    const auto file = std::filesystem::absolute(session.arguments().file);
    const Json found = session.post("/v1/restore", {{"file", file.string()}, {"check", true}});
    session.say(
        text_in(found, "file") + " is a whole state of medibridge, and takes the place of " +
        text_in(found, "state") +
        ".\nWhat was linked, decided and held since that backup is forgotten. Who was erased in "
        "Medicapp stays known:\nthe facts beside the state are not replaced. The next cycles "
        "find later changes by comparing; nobody is created twice.\nThe state that is there now "
        "is kept beside it.\n");
    session.confirm_text("Type restore:", "restore");
    const Json answer = session.post("/v1/restore", {{"file", file.string()}});
    const std::string kept = text_in(answer, "kept");
    session.print(answer, "restored" + (kept.empty() ? "" : "; the former state is " + kept) +
                              ". Start the service (systemctl start medibridge), then compare "
                              "everything once: " +
                              session.style().program + " sync --full\n");
    return ExitCode::ok;
}

} // namespace medibridge::ctl::commands
