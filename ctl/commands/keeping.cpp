#include "base/files/content.hpp"
#include "config/exposure.hpp"
#include "config/site.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/new_file.hpp"
#include "ctl/show/show.hpp"

#include <string>
#include <sys/stat.h>

namespace medibridge::ctl::commands {

namespace {

constexpr std::size_t longest_key_file = 1024;

/// Device and inode of a folder; empty: it cannot be looked at. The service may see another one
/// under that name: systemd gives it temporary folders of its own.
std::string identity_of(const std::filesystem::path& folder) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) return {};
    return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
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

/// The state's key before it is replaced.
struct FormerKey {
    std::string check; ///< what tells it from others
    std::string file;  ///< empty: where state.key says
};

std::string rotation_text(const FormerKey& former, bool is_kept) {
    std::string text =
        "The state will open with another key, and everything in it will be sealed again with new "
        "ones while the\nservice runs. No backup that was made before can be restored without the "
        "former key (" +
        former.check + ").\n";
    if (former.file.empty())
        return text + "It is where state.key says: keep it apart, as long as you keep those "
                      "backups, before you put the new one in its\nplace.\n";
    const auto file = clean(former.file);
    if (is_kept) return text + "It is copied first: " + file + " has the new one afterwards.\n";
    return text + "It is in " + file +
           ", where the new one takes its place: nothing else keeps it. To keep it, say no, and "
           "copy it first:\n  sudo install -m 600 " +
           shell_word(former.file) + " /root/medibridge-state-key." + former.check +
           "\nor give --keep-former FILE. If it may have leaked, make a new backup afterwards "
           "instead, and remove the older ones.\n";
}

void keep_key(const FormerKey& former, const std::filesystem::path& copy) {
    const auto text = files::read_given(former.file, longest_key_file);
    if (!text) throw Ended(ExitCode::usage, clean(former.file) + " " + text.error().text);
    write_new_file(copy, *text);
}

/// Whether the answer says that nothing was done. After any other the key may have been replaced,
/// and the copy be the only one.
bool is_refusal(const Ended& end) {
    return end.exit() == ExitCode::usage || end.exit() == ExitCode::refused ||
           end.exit() == ExitCode::forbidden;
}

/// The copy of the former key goes again where nothing was replaced.
Json replace_key(Session& session, const Json& wish, const std::filesystem::path& copy) {
    try {
        return session.post("/v1/key/rotation", wish);
    } catch (const Ended& end) {
        std::error_code ignored; // it is the refusal that must be told
        if (!copy.empty() && is_refusal(end)) std::filesystem::remove(copy, ignored);
        throw;
    }
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
    Json wish{{"file", file.string()}};
    if (const auto folder = identity_of(file.parent_path()); !folder.empty())
        wish["folder"] = folder;
    const Json answer = session.post("/v1/backup", wish);
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
    const auto& keep = session.arguments().keep_former;
    Json wish = Json::object();
    // The service may not be able to read it: it is who types that has it.
    if (!file.empty()) wish["key"] = key_in(session, file);
    if (!session.arguments().abandon.empty()) wish["abandon"] = session.arguments().abandon;
    const Json present = session.get("/v1/key");
    const FormerKey former{text_in(present, "key"), raw_text(present, "file")};
    if (!keep.empty() && former.file.empty())
        throw Ended(ExitCode::usage, "--keep-former: the key is where state.key says, and stays "
                                     "there until you put the new one in its place");
    session.say(rotation_text(former, !keep.empty()));
    session.confirm("Replace the state's key?");
    if (!keep.empty()) keep_key(former, keep);
    Json answer = replace_key(session, wish, keep);
    if (!keep.empty()) answer["kept"] = keep.string();
    if (!keep.empty() && raw_text(answer, "former") != former.check)
        session.say("Somebody else replaced the key at the same time: the one in " +
                    clean(keep.string()) + " may be " + former.check + ".\n");
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
