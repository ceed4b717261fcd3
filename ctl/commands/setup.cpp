#include "config/site.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/progress.hpp"
#include "ctl/setup/files.hpp"
#include "ctl/setup/home.hpp"
#include "ctl/setup/interview.hpp"
#include "ctl/setup/judge.hpp"
#include "ctl/show/show.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <ostream>
#include <unistd.h>
#include <utility>

namespace medibridge::ctl::commands {

namespace fs = std::filesystem;
using setup::Draft;
using setup::Home;
using setup::Interview;
using setup::is_something;

namespace {

constexpr const char* api_key_of_the_unit = "medicapp-api-key";
constexpr const char* environment_of_secrets = "MEDIBRIDGE_SETUP_";
constexpr const char* kind_question = "how the HIS gives its patients";

class Setup {
  public:
    Setup(const Arguments& arguments, const Surroundings& surroundings)
        : surroundings_(surroundings),
          prints_json_(arguments.output == Output::json),
          interview_(surroundings.terminal),
          judge_(surroundings.mistakes_of, environment_of_secrets),
          home_(arguments.config),
          style_{surroundings.terminal.colours, surroundings.terminal.width, surroundings.now(),
                 program_of(arguments)} {}

    ExitCode run() {
        refuse_what_exists();
        refuse_what_cannot_be_written();
        interview_.say("An empty answer takes what stands in [brackets], - leaves out what is not "
                       "needed.\n\n");
        ask_about_medicapp();
        const auto of_medicapp = try_until_it_works("medicapp", [this](const std::string& words) {
            const auto questions = setup::questions_of_medicapp();
            interview_.change(questions, draft_.medicapp, judge_of("medicapp"),
                              doubtful(questions, "medicapp", words));
        });
        interview_.say("\n");
        ask_about_source();
        const auto of_source = try_until_it_works("source ", [this](const std::string& words) {
            const auto questions = source_questions();
            if (interview_.change(questions, draft_.source, judge_of("his"),
                                  doubtful(questions, "his", words),
                                  kind_question + (": " + draft_.kind)))
                ask_about_source();
            else
                say_unmapped();
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
        const auto folder = setup::standing_folder_of(home_.config());
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

    void ask_about_medicapp() {
        draft_.medicapp = interview_.ask(setup::questions_of_medicapp(), {}, judge_of("medicapp"));
    }

    std::vector<setup::Question> source_questions() const {
        return setup::questions_of(draft_.kind, home_.spool());
    }

    void ask_about_source() {
        const auto before = draft_.kind.empty() ? setup::kinds().front() : draft_.kind;
        draft_.kind = interview_.choose(kind_question, setup::kinds(), before);
        const auto answers = std::exchange(draft_.source, {});
        draft_.source = interview_.ask(source_questions(), answers, judge_of("his"));
        say_unmapped();
    }

    void say_unmapped() {
        std::string names;
        for (const auto& name : draft_.unmapped())
            names += (names.empty() ? "" : ", ") + name;
        if (!names.empty()) interview_.say("not mapped, and so never sent: " + names + "\n");
    }

    /// Judges an answer to a question of that section of the configuration.
    Interview::FaultOf judge_of(std::string section) const {
        return [this, section = std::move(section)](const setup::Answers& given,
                                                    const std::string& key) {
            auto draft = draft_;
            (section == "his" ? draft.source : draft.medicapp) = given;
            return judge_.fault(draft, section, key);
        };
    }

    /// The first question that words about mistakes name; empty: none.
    static std::string doubtful(const std::vector<setup::Question>& questions,
                                const std::string& section, const std::string& words) {
        const auto found = std::ranges::find_if(questions, [&](const setup::Question& question) {
            return setup::names_key(words, section, question.key);
        });
        return found == questions.end() ? std::string() : found->key;
    }

    /// Tries the answers, and has them changed as long as the operator wants to change what a check
    /// of that side found. What the last check found.
    Found try_until_it_works(const std::string& side,
                             const std::function<void(const std::string& words)>& change) {
        for (;;) {
            const auto [found, words] = try_out(side);
            if (found == Found::nothing) return found;
            if (!interview_.agree("Change these answers?", found >= Found::failure)) return found;
            change(words);
        }
    }

    /// And in which words, if the answers have mistakes.
    std::pair<Found, std::string> try_out(const std::string& side) {
        interview_.say("checking…\n");
        try {
            const auto checks = examine(side);
            interview_.say(show::doctor(checks, style_));
            const auto& list = value_in(checks, "checks");
            const bool warns =
                warns_of_folder(side) || std::ranges::any_of(list, [](const Json& check) {
                    return raw_text(check, "result") == "warn";
                });
            if (!flag_in(checks, "ok")) return {Found::failure, {}};
            return {warns ? Found::warning : Found::nothing, {}};
        } catch (const Ended& ended) {
            interview_.say(clean_lines(ended.what()));
            if (ended.exit() != ExitCode::configuration) return {Found::failure, {}};
            return {Found::mistake, ended.what()};
        }
    }

    /// The trial is no unit's: it cannot tell that the one to come may not write there.
    bool warns_of_folder(const std::string& side) {
        const auto answer = draft_.source.find("directory");
        if (side == "medicapp" || answer == draft_.source.end()) return false;
        const auto why = config::why_unit_cannot_write(answer->second, home_.config());
        if (why.empty()) return false;
        interview_.say("  the folder " + clean(answer->second + ' ' + why) + "\n");
        return true;
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

    static bool shows_nobody(const Json& cycle) {
        return std::ranges::none_of(
            std::array{"created", "updated", "linked", "unchanged", "held", "deferred"},
            [&](const char* count) { return number_in(cycle, count) != 0; });
    }

    static std::string why_nobody(const std::string& kind) {
        if (kind == "hl7v2")
            return "No patient so far: messages are taken once the service runs.\n";
        if (kind == "csv")
            return "No patient was read: no file in the folder has such a name, or none has the "
                   "columns that were named. `medibridged --once --dry-run` says why a file is "
                   "refused.\n";
        return "No patient was read: the source shows nobody.\n";
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
            if (shows_nobody(answer))
                interview_.say(config::addressed(why_nobody(draft_.kind), home_.config()));
        } catch (const Ended& ended) {
            interview_.say(clean_lines(ended.what()));
        }
    }

    /// Commands are to be about the configuration that is written, not about the trial's.
    static std::string without(std::string text, const std::string& option) {
        for (auto at = text.find(option); at != std::string::npos; at = text.find(option, at))
            text.erase(at, option.size());
        return text;
    }

    /// Asks a process of its own, with a state of its own, which is thrown away.
    Json ask_trial(std::string_view method, const std::string& target, const Json& body) {
        const setup::TrialFolder folder;
        const auto draft = setup::with_a_source(draft_, folder.path());
        const auto config = folder.path() / "medibridge.yaml";
        const setup::Places places{folder.path() / "state.db", {}, environment_of_secrets};
        setup::lend_secrets(draft, places);
        setup::write_new(config, setup::configuration_text(draft, places), 0600);
        const auto& terminal = surroundings_.terminal;
        Progress progress(*terminal.err, terminal.err_is_terminal, nullptr);
        const auto api = surroundings_.open_trial(config);
        const auto answer = api->call(method, target, body.is_null() ? "" : dumped(body),
                                      [&](std::string_view line) { progress.heed(line); });
        const auto object = object_of(without(answer.json, " --config " + config.string()))
                                .value_or(Json::object());
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
        setup::make_folder(fs::absolute(home_.config()).parent_path(), fs::perms(0755));
        if (!home_.unit().empty()) setup::make_folder(home_.secrets(), fs::perms(0700));
        for (const auto& secret : draft_.secrets()) {
            setup::write_new(home_.secret(secret.name), secret.value, 0600);
            tell_written(home_.secret(secret.name));
        }
        const auto credentials = setup::credentials_drop_in(draft_, home_.secrets());
        if (!credentials.empty())
            for (const auto& drop_in : home_.drop_ins()) {
                setup::make_folder(drop_in.parent_path(), fs::perms(0755));
                setup::write_new(drop_in, credentials, 0644);
                tell_written(drop_in);
            }
        setup::write_new(home_.config(), setup::configuration_text(draft_, home_.places()), 0644);
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
        interview_.say("\nStart it:  systemctl daemon-reload\n"
                       "           systemctl enable --now " +
                       unit +
                       "\n"
                       "Watch it:  " +
                       style_.program + " status --watch\n");
    }

    void tell_written(const fs::path& file) {
        written_.push_back(file);
        interview_.say("written: " + clean(file.string()) + "\n");
    }

    const Surroundings& surroundings_;
    bool prints_json_;
    Interview interview_;
    setup::Judge judge_;
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
