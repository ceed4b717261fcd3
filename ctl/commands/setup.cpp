#include "base/files/content.hpp"
#include "base/files/open.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/progress.hpp"
#include "ctl/setup/home.hpp"
#include "ctl/setup/interview.hpp"
#include "ctl/show/show.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ostream>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::ctl::commands {

namespace fs = std::filesystem;
using setup::Draft;
using setup::Home;
using setup::Interview;

namespace {

constexpr const char* api_key_of_the_unit = "medicapp-api-key";

/// A folder of this user alone, with what a trial needs; gone with its end.
class TrialFolder {
  public:
    TrialFolder() : path_(fs::temp_directory_path() / "medibridge-setup-XXXXXX") {
        std::string name = path_.string();
        if (::mkdtemp(name.data()) == nullptr)
            throw Ended(ExitCode::unavailable,
                        "no temporary folder can be made in " + path_.parent_path().string());
        path_ = name;
    }
    ~TrialFolder() {
        std::error_code error;
        fs::remove_all(path_, error);
    }
    TrialFolder(const TrialFolder&) = delete;
    TrialFolder& operator=(const TrialFolder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

void write_new(const fs::path& file, const std::string& text, std::uint32_t mode) {
    auto made = files::make_file(file, mode);
    if (!made)
        throw Ended(ExitCode::unavailable, "`" + clean(file.string()) + "` " + made.error().text);
    if (const auto fault = files::write_all(*made, text)) {
        std::error_code error;
        fs::remove(file, error);
        throw Ended(ExitCode::unavailable, "`" + clean(file.string()) + "` " + fault->text);
    }
}

void make_folder(const fs::path& folder, fs::perms mode) {
    std::error_code error;
    if (fs::create_directories(folder, error)) fs::permissions(folder, mode, error);
    if (error)
        throw Ended(ExitCode::unavailable, "the folder `" + clean(folder.string()) +
                                               "` cannot be made: " + error.message());
}

/// Also a link that leads nowhere, and a folder: nothing can be made in its place.
bool is_something(const fs::path& file) {
    std::error_code unknown;
    return fs::exists(fs::symlink_status(file, unknown));
}

/// The folder that is there, in which the first new file or folder will be made.
fs::path standing_folder_of(const fs::path& file) {
    std::error_code error;
    auto folder = fs::absolute(file).parent_path();
    while (folder.has_relative_path() && !fs::exists(folder, error))
        folder = folder.parent_path();
    return folder;
}

/// Only while nothing is known of the HIS: a source that shows nobody.
Draft with_a_source(Draft draft, const fs::path& folder) {
    if (!draft.kind.empty()) return draft;
    draft.kind = "csv";
    draft.source = {{"name", "setup"},           {"directory", folder.string()},
                    {"pattern", "*.csv"},        {"fields.externalId", "A"},
                    {"fields.lastName", "B"},    {"fields.firstName", "C"},
                    {"fields.birthDate.at", "D"}};
    return draft;
}

class Setup {
  public:
    Setup(const Arguments& arguments, const Surroundings& surroundings)
        : surroundings_(surroundings),
          prints_json_(arguments.output == Output::json),
          interview_(surroundings.terminal),
          home_(arguments.config),
          style_{surroundings.terminal.colours, surroundings.terminal.width, surroundings.now(),
                 "medibridgectl"} {}

    ExitCode run() {
        refuse_what_exists();
        refuse_what_cannot_be_written();
        interview_.say("An empty answer takes what stands in [brackets].\n\n");
        const auto of_medicapp = ask_until_it_works("medicapp", [this] {
            draft_.medicapp =
                interview_.ask(setup::questions_of_medicapp(), std::move(draft_.medicapp));
        });
        interview_.say("\n");
        std::string kind = setup::kinds().front();
        const auto of_source = ask_until_it_works("source ", [this, &kind] {
            kind = interview_.choose("how the HIS gives its patients", setup::kinds(), kind);
            draft_.source = interview_.ask(setup::questions_of(kind), std::move(draft_.source));
            draft_.kind = kind;
        });
        if (interview_.agree("\nRehearse now? Both sides are read; nothing is sent", true))
            rehearse();
        // The check of the source was of the whole configuration.
        is_refused_ = of_source == Found::mistake;
        if (is_refused_)
            interview_.say("\nThe answers have mistakes, which were named above: medibridge does "
                           "not start with them.\n");
        const bool suggests_it = std::max(of_medicapp, of_source) < Found::failure;
        if (!interview_.agree("\nWrite " + clean(home_.config().string()) + "?", suggests_it))
            throw Ended(ExitCode::refused, "nothing was written");
        write();
        return is_refused_ ? ExitCode::configuration : ExitCode::ok;
    }

  private:
    /// From good to bad.
    enum class Found {
        nothing,
        warning,
        failure, ///< a side does not answer as it must
        mistake, ///< `--check-config` refuses the answers
    };

    void refuse_what_exists() const {
        if (is_something(home_.config()))
            throw Ended(ExitCode::refused, "there is a configuration already, " +
                                               clean(home_.config().string()) +
                                               ": edit it, or move it away first");
        if (!surroundings_.open_trial)
            throw Ended(ExitCode::unavailable, "this program cannot try a configuration");
    }

    /// What would be told after the last question, when all answers were lost.
    void refuse_what_cannot_be_written() const {
        const auto folder = standing_folder_of(home_.config());
        if (::access(folder.c_str(), W_OK) != 0)
            throw Ended(ExitCode::unavailable, "you may not write in " + clean(folder.string()) +
                                                   ": use sudo, or name another --config");
        const auto key = home_.secret(api_key_of_the_unit);
        if (is_something(key)) refuse_leftover(key);
    }

    [[noreturn]] static void refuse_leftover(const fs::path& file) {
        const bool is_folder = fs::is_directory(fs::symlink_status(file));
        throw Ended(ExitCode::refused,
                    std::string("there is a ") + (is_folder ? "folder" : "file") + " already, " +
                        clean(file.string()) + ": move it away first; nothing was written");
    }

    /// Asks, and asks again as long as the operator wants to change what a check of that side
    /// found. What the last check found.
    Found ask_until_it_works(const std::string& side, const std::function<void()>& ask) {
        for (;;) {
            ask();
            const auto found = try_out(side);
            if (found == Found::nothing) return found;
            if (!interview_.agree("Change these answers?", found >= Found::failure)) return found;
        }
    }

    Found try_out(const std::string& side) {
        interview_.say("checking…\n");
        try {
            const auto checks = examine(side);
            interview_.say(show::doctor(checks, style_));
            const auto& list = value_in(checks, "checks");
            const bool warns = std::ranges::any_of(
                list, [](const Json& check) { return raw_text(check, "result") == "warn"; });
            if (!flag_in(checks, "ok")) return Found::failure;
            return warns ? Found::warning : Found::nothing;
        } catch (const Ended& ended) {
            interview_.say(clean_lines(ended.what()));
            return ended.exit() == ExitCode::configuration ? Found::mistake : Found::failure;
        }
    }

    /// A mistake's place in the file of a trial tells nothing.
    static std::string without_place(const std::string& line) {
        const auto end = line.find(": `");
        return line.starts_with('/') && end != std::string::npos ? line.substr(end + 2) : line;
    }

    static std::string clean_lines(const std::string& text) {
        std::string lines;
        std::size_t begin = 0;
        while (begin < text.size()) {
            const auto end = std::min(text.find('\n', begin), text.size());
            lines += "  " + clean(without_place(text.substr(begin, end - begin))) + "\n";
            begin = end + 1;
        }
        return lines;
    }

    /// The doctor's checks of one side, with the answers as they stand.
    Json examine(const std::string& side) {
        const auto answer = ask_trial("GET", "/v1/doctor", {});
        Json kept{{"checks", Json::array()}, {"ok", true}};
        for (const Json& check : value_in(answer, "checks")) {
            if (!raw_text(check, "name").starts_with(side)) continue;
            kept["checks"].push_back(check);
            if (raw_text(check, "result") == "fail") kept["ok"] = false;
        }
        return kept;
    }

    void rehearse() {
        try {
            const auto answer =
                ask_trial("POST", "/v1/cycles", {{"full", true}, {"dry_run", true}});
            const auto text = show::cycle(answer, true, style_);
            if (prints_json_)
                interview_.say(text);
            else
                *surroundings_.terminal.out << text << std::flush;
            rehearsal_ = answer;
        } catch (const Ended& ended) {
            interview_.say(clean_lines(ended.what()));
        }
    }

    /// Asks a process of its own, with a state of its own, which is thrown away.
    Json ask_trial(std::string_view method, const std::string& target, const Json& body) {
        const TrialFolder folder;
        const auto draft = with_a_source(draft_, folder.path());
        const auto config = folder.path() / "medibridge.yaml";
        const setup::Places places{folder.path() / "state.db", {}, "MEDIBRIDGE_SETUP_"};
        // However this ends, no secret is left on a disk.
        for (const auto& secret : draft.secrets())
            ::setenv(setup::environment_name(places, secret.name).c_str(), secret.value.c_str(), 1);
        write_new(config, setup::configuration_text(draft, places), 0600);
        const auto& terminal = surroundings_.terminal;
        Progress progress(*terminal.err, terminal.err_is_terminal, nullptr);
        const auto api = surroundings_.open_trial(config);
        const auto answer = api->call(method, target, body.is_null() ? "" : dumped(body),
                                      [&](std::string_view line) { progress.heed(line); });
        const auto object = object_of(answer.json).value_or(Json::object());
        const Json& error = value_in(object, "error");
        if (error.is_object()) throw Ended(ExitCode::unavailable, raw_text(error, "message"));
        return object;
    }

    /// Of the files that would be made, one that is there.
    void refuse_leftovers() const {
        auto files = std::vector<fs::path>{home_.config()};
        for (const auto& secret : draft_.secrets())
            files.push_back(home_.secret(secret.name));
        if (!setup::credentials_drop_in(draft_, home_.secrets()).empty())
            files.insert(files.end(), home_.drop_ins().begin(), home_.drop_ins().end());
        for (const auto& file : files)
            if (is_something(file)) refuse_leftover(file);
    }

    /// All of it, or nothing.
    void write() {
        refuse_leftovers();
        try {
            write_files();
        } catch (...) {
            std::error_code error;
            for (const auto& file : written_)
                fs::remove(file, error);
            throw;
        }
        if (prints_json_) print_result();
    }

    void print_result() const {
        Json files = Json::array();
        for (const auto& file : written_)
            files.push_back(file.string());
        const Json result{{"config", home_.config().string()},
                          {"written", files},
                          {"accepted", !is_refused_},
                          {"rehearsal", rehearsal_}};
        *surroundings_.terminal.out << safe_json(dumped(result)) << '\n' << std::flush;
    }

    void write_files() {
        make_folder(fs::absolute(home_.config()).parent_path(), fs::perms(0755));
        if (!home_.unit().empty()) make_folder(home_.secrets(), fs::perms(0700));
        for (const auto& secret : draft_.secrets()) {
            write_new(home_.secret(secret.name), secret.value, 0600);
            tell_written(home_.secret(secret.name));
        }
        const auto credentials = setup::credentials_drop_in(draft_, home_.secrets());
        if (!credentials.empty())
            for (const auto& drop_in : home_.drop_ins()) {
                make_folder(drop_in.parent_path(), fs::perms(0755));
                write_new(drop_in, credentials, 0644);
                tell_written(drop_in);
            }
        write_new(home_.config(), setup::configuration_text(draft_, home_.places()), 0644);
        tell_written(home_.config());
        if (is_refused_)
            interview_.say("\nmedibridge refuses what was written: correct the mistakes that were "
                           "named above, then check it:\n  medibridged --check-config --config " +
                           shell_word(home_.config().string()) + "\n");
        else
            say_how_to_begin();
    }

    void say_how_to_begin() {
        const auto config = shell_word(home_.config().string());
        const auto& unit = home_.unit();
        if (unit.empty()) {
            interview_.say("\nTry it:  medibridged --once --dry-run --config " + config + "\n");
            return;
        }
        const bool is_site = home_.config() != default_config;
        interview_.say("\nStart it:  systemctl daemon-reload\n"
                       "           systemctl enable --now " +
                       unit +
                       "\n"
                       "Watch it:  medibridgectl" +
                       (is_site ? " --config " + config : "") + " status --watch\n");
    }

    void tell_written(const fs::path& file) {
        written_.push_back(file);
        interview_.say("written: " + clean(file.string()) + "\n");
    }

    const Surroundings& surroundings_;
    bool prints_json_;
    Interview interview_;
    Home home_;
    Style style_;
    Draft draft_;
    bool is_refused_ = false;       ///< by `--check-config`, and written nevertheless
    Json rehearsal_;                ///< null: there was none
    std::vector<fs::path> written_; ///< so far
};

} // namespace

ExitCode set_up(const Arguments& arguments, const Surroundings& surroundings) {
    return Setup(arguments, surroundings).run();
}

} // namespace medibridge::ctl::commands
