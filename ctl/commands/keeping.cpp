#include "base/files/content.hpp"
#include "config/exposure.hpp"
#include "config/site.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

namespace medibridge::ctl::commands {

namespace {

constexpr std::size_t longest_key_file = 1024;

/// systemd gives the service temporary folders of its own, which go when it stops.
bool is_in_the_services_temporary_folder(const std::filesystem::path& file) {
    const auto name = file.lexically_normal().string();
    std::error_code error;
    return (name.starts_with("/tmp/") || name.starts_with("/var/tmp/")) &&
           std::filesystem::symlink_status(file, error).type() ==
               std::filesystem::file_type::not_found;
}

/// The text of a key that others can neither read nor have written.
std::string key_in(Session& session, const std::filesystem::path& file) {
    const std::string name = "--new-key: " + clean(file.string()) + " ";
    const auto opened = files::open_given(file);
    if (!opened) throw Ended(ExitCode::usage, name + opened.error().text);
    const auto exposure = config::exposure_of_secret(*opened, file);
    if (!exposure.refused.empty()) throw Ended(ExitCode::usage, name + exposure.refused);
    if (!exposure.advice.empty()) session.say(name + exposure.advice + "\n");
    auto text = files::read_all(*opened, longest_key_file);
    if (!text) throw Ended(ExitCode::usage, name + text.error().text);
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r'))
        text->pop_back();
    return *std::move(text);
}

} // namespace

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
    if (is_in_the_services_temporary_folder(file))
        throw Ended(ExitCode::refused,
                    "the service wrote " + clean(file.string()) +
                        " into a temporary folder of its own (PrivateTmp=), which goes when it "
                        "stops: name a file below the state's folder, /var/lib/medibridge");
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
    if (value_in(found, "audit_intact") == false)
        session.say("Its audit is not as medibridge wrote it: lines were changed or removed. Keep "
                    "a copy of it as evidence, and prefer\nan older backup.\n");
    session.confirm_text("Type restore:", "restore");
    const Json answer = session.post("/v1/restore", {{"file", file.string()}});
    const std::string kept = text_in(answer, "kept");
    session.print(answer, "restored" + (kept.empty() ? "" : "; the former state is " + kept) +
                              ". Start the service (systemctl start " +
                              config::service_unit(session.arguments().config) +
                              "), then compare "
                              "everything once: " +
                              session.style().program + " sync --full\n");
    return ExitCode::ok;
}

ExitCode rotate_key(Session& session) {
    const auto& file = session.arguments().file;
    Json wish = Json::object();
    // The service may not be able to read it: it is who types that has it.
    if (!file.empty()) wish["key"] = key_in(session, file);
    if (!session.arguments().abandon.empty()) wish["abandon"] = session.arguments().abandon;
    session.say("The state will open with another key, and everything in it will be sealed "
                "again with new ones while the\nservice runs. Backups that were made before need "
                "the former key: keep it as long as you keep them.\n");
    session.confirm("Replace the state's key?");
    const Json answer = session.post("/v1/key/rotation", wish);
    const std::string made = text_in(answer, "file");
    session.print(
        answer,
        "the state's key is now " + text_in(answer, "key") + ", before it was " +
            text_in(answer, "former") + " (checks, not the keys). " +
            (made.empty() ? "Put the new one where state.key says, and restart the "
                            "service: until then both open the state.\n"
                          : "It is in " + made + ": save it elsewhere, apart from the backups.\n"));
    return ExitCode::ok;
}

} // namespace medibridge::ctl::commands
