#include "ctl/arguments.hpp"

#include "base/bytes/arguments.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <map>
#include <span>

namespace medibridge::ctl {

namespace {

constexpr const char* footer =
    R"(Options may stand before or after the command. What a person is asked to confirm, --yes confirms in a script.

Exit codes:
  0   done, or shown                           70  internal error; audit --verify: the chain is broken
  64  wrong usage                              75  no daemon, or Medicapp or a source cannot be reached
  65  a decision was refused, a check failed   77  this user may look but not decide; credentials refused
  69  stopped by a guard                       78  mistakes in the configuration)";

const std::vector<std::string> reasons = {"invalid",
                                          "ambiguous_source",
                                          "inactive_in_his",
                                          "deleted_in_his",
                                          "merged_in_his",
                                          "deceased",
                                          "identity_status",
                                          "identity_mismatch",
                                          "divergence",
                                          "conflict_unresolved",
                                          "possible_duplicate",
                                          "erased_in_medicapp",
                                          "external_id_taken",
                                          "rejected",
                                          "refused_by_server",
                                          "altered_in_state"};

/// Describes the commands, each of which writes its words into the arguments.
class Tree {
  public:
    explicit Tree(Arguments& arguments)
        : to_(arguments),
          app_("Shows what medibridge does, who is held and why, and carries out decisions.",
               "medibridgectl") {
        app_.set_version_flag("--version", "medibridgectl " MEDIBRIDGE_VERSION);
        app_.footer(footer);
        app_.require_subcommand(1);
        app_.add_option("--config", to_.config, "Configuration file: it says where the daemon is")
            ->capture_default_str();
        app_.add_option("--socket", to_.socket, "The daemon's control socket");
        app_.add_flag("--yes,-y", to_.yes, "Answer every confirmation with yes");
        app_.add_option_function<std::string>(
                "--output",
                [this](const std::string& word) {
                    to_.output = word == "json" ? Output::json : Output::text;
                },
                "text, or json: exactly one object on stdout")
            ->check(CLI::Validator(
                [](std::string& word) {
                    const bool fits = word == "text" || word == "json";
                    return fits ? std::string() : "`" + word + "` is neither text nor json";
                },
                ""))
            ->type_name("text|json");
        add_looking();
        add_held();
        add_cycles();
        add_rest();
    }
    CLI::App& app() { return app_; }

  private:
    CLI::App* command(CLI::App& parent, const std::string& name, const std::string& about) {
        auto* made = parent.add_subcommand(name, about);
        made->fallthrough();
        const bool inner = &parent != &app_;
        made->parse_complete_callback([this, path = (inner ? parent.get_name() + " " : "") + name] {
            if (to_.command.size() < path.size()) to_.command = path;
        });
        return made;
    }
    CLI::App* command(const std::string& name, const std::string& about) {
        return command(app_, name, about);
    }
    static void text(CLI::App* command, std::string& out, const char* name, const char* about) {
        command->add_option(name, out, about)->required()->allow_extra_args(false);
    }

    void add_looking() {
        auto* status = command("status", "The last cycle, both sides, and who is held");
        status->add_flag("--watch,-w", to_.watch, "Show it again every two seconds");
        text(command("why", "Why a patient is as they are, with their history"), to_.text,
             "EXTERNAL_ID", "The HIS's identifier");
        text(command("find", "Patients in Medicapp and the sources, read now"), to_.text, "TEXT",
             "A name, a birth date or an identifier");
        text(command("pseudonym", "The pseudonym of an externalId in the logs, or the other way"),
             to_.text, "TEXT", "An externalId or a pseudonym");
        command("probe", "How Medicapp behaves where its documentation says nothing")
            ->add_flag("--with-sentinel", to_.with_sentinel,
                       "Create one marked patient in Medicapp, change and delete them");
        command("doctor", "Check the configuration, both sides, the state and the system");
    }

    void add_filter(CLI::App* command, const char* reason_name) {
        command->add_option(reason_name, to_.filter.reason, "Only who is held for this reason")
            ->check(CLI::IsMember(reasons));
        command->add_option("--source", to_.filter.source, "Only who comes from this source");
        command->add_option("--since", to_.filter.since,
                            "Only who is held since then: a time, or an age such as 3d");
        command->add_option("--search", to_.filter.search,
                            "Only where the identifier, the detail or the field contains this");
        command->add_option("--kind", to_.filter.kind, "Only to decide, or excluded by rule")
            ->check(CLI::IsMember({"decide", "excluded"}));
    }
    CLI::App* add_decision(CLI::App& held, const char* name, const char* about,
                           const char* reason_filter) {
        auto* made = command(held, name, about);
        made->add_option(
            "--token", to_.token,
            "What `held show` gave: it stands for all that was shown, and the decision is "
            "refused if that has changed since");
        add_filter(made, reason_filter);
        return made;
    }
    void add_ids(CLI::App* command) {
        command->add_option("ID", to_.ids, "As `held list` names them; none: those of the filter");
    }
    void add_held() {
        auto* held = command("held", "Who is held, and decisions about them");
        held->require_subcommand(1);
        add_filter(command(*held, "list", "Who is held, and for which reason"),
                   "--reason,--held-for");
        auto* shown =
            command(*held, "show", "One of them: values side by side, and what can be done");
        shown->add_option("ID", to_.ids, "As `held list` names them")
            ->required()
            ->expected(1)
            ->allow_extra_args(false);
        constexpr const char* both = "--reason,--held-for";
        add_ids(add_decision(*held, "retry", "Look again now", both));
        auto* link = add_decision(
            *held, "link", "The same person: link, and write what differs by the rules", both);
        link->add_option("ID", to_.text, "As `held list` names them; none: those of the filter")
            ->allow_extra_args(false);
        link->add_option("MEDICAPP_ID", to_.medicapp_id, "The Medicapp patient")
            ->allow_extra_args(false);
        add_ids(add_decision(*held, "create", "Somebody else: a new Medicapp patient", both));
        add_ids(add_decision(*held, "update", "The change is right: write it", both));
        auto* ignore =
            add_decision(*held, "ignore", "Leave it until the record changes", "--held-for");
        ignore->add_option("--reason", to_.because, "Why, for the audit");
        add_ids(ignore);
    }

    void add_cycles() {
        auto* sync = command("sync", "Run a cycle now, and wait for its end");
        sync->add_flag("--full", to_.full, "Read Medicapp and all sources completely");
        sync->add_option("--source", to_.source, "Read only the source of that name");
        sync->add_flag("--dry-run", to_.dry_run, "Send no write and change no state");
        auto* plan = command("plan", "Decide now what is written later");
        plan->require_subcommand(1);
        auto* save = command(*plan, "save", "Write into a file what a cycle would do");
        file(save, "A new file: identifiers and digests, no values");
        save->add_flag("--full", to_.full, "Read Medicapp and all sources completely");
        file(command(*plan, "apply", "Carry out a saved plan, as far as nothing has changed"),
             "What `plan save` wrote");
        auto* pause = command("pause", "Begin no cycle until resumed");
        pause->add_option("--until", to_.until, "A time, or for how long: 2h");
        command("resume", "Begin cycles again");
        auto* guard = command("guard", "What stops cycles before their first write");
        guard->require_subcommand(1);
        command(*guard, "show", "Which guard, why, how many, and examples");
        command("accept-mapping", "The changed mapping is intended: read everything again");
        command("accept-rewind", "Medicapp or a source was restored, and what it shows is right");
        command("accept-space",
                "Medicapp is at another address, with the patients that are linked");
        auto* changes = command("accept-changes", "So many changes are intended, once");
        changes->add_option("--expect", to_.expect, "The number that `guard show` shows")
            ->required()
            ->check(CLI::Validator(
                [](std::string& text) {
                    std::int64_t number = 0;
                    const char* const end = text.data() + text.size();
                    const auto read = std::from_chars(text.data(), end, number);
                    const bool fits = read.ec == std::errc() && read.ptr == end && number > 0;
                    return fits ? std::string() : "a whole number is needed, 1 or more";
                },
                ""));
        changes->add_flag("--full", to_.full, "Read Medicapp and all sources completely");
    }
    void file(CLI::App* command, const char* about) {
        command->add_option("FILE", to_.file, about)->required();
    }

    void add_rest() {
        command("setup", "Ask for a first configuration, try it, and write it");
        text(command("erase", "Erase a patient in Medicapp, with all records, for ever"), to_.text,
             "EXTERNAL_ID", "The HIS's identifier");
        auto* audit = command("audit", "Who decided and looked at what");
        audit->add_option("--since", to_.since, "From then on: a time, or an age such as 7d");
        audit->add_option("--patient", to_.patient, "Of this externalId");
        audit->add_option("--actor", to_.actor, "Of this user");
        audit
            ->add_option("--limit", to_.limit,
                         "The newest lines, at most (200; with --output json all)")
            ->check(CLI::Range(1, 10000));
        audit->add_flag("--verify", to_.verify, "Check that no line was changed or removed");
        auto* events = command("events", "What the service logged");
        events->add_flag("--follow,-f", to_.follow, "Go on as more is logged");
        events->add_option("--since", to_.since, "From then on: a time, or an age such as 2h");
        events->add_option("--limit", to_.limit, "The newest lines, at most (200)")
            ->check(CLI::Range(1, 100000));
        events->add_option("--unit", to_.unit, "The service's unit, if it is not that of --config");
        file(command("backup", "Copy the state while the service runs"), "A new file");
        file(command("restore", "Put a backup in the state's place, while no daemon runs"),
             "What `backup` wrote");
        auto* key = command("key", "The state's key");
        key->require_subcommand(1);
        auto* rotate = command(*key, "rotate", "Replace it, and seal the state with new keys");
        rotate->add_option("--new-key", to_.file,
                           "Where state.key says where the key is: a file with the new one");
        rotate->add_option("--keep-former", to_.keep_former,
                           "Copy the former key into this new file first: older backups need it");
        rotate->add_option("--abandon", to_.abandon,
                           "Give up the key that was to be the next one, by its 12 digits");
        auto* completion = command("completion", "Print what completes commands in a shell");
        completion->add_option("SHELL", to_.text, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    }

    Arguments& to_;
    CLI::App app_;
};

/// CLI11 takes `[a,b]` for a list of two, but it may be somebody's identifier: a mark before it
/// keeps it whole.
constexpr char kept_whole = '\x1f';

bool is_bracketed(std::string_view word) {
    return word.starts_with('[') && word.ends_with(']');
}

void take_marks_off(Arguments& arguments) {
    const auto take_off = [](std::string& text) {
        if (text.starts_with(kept_whole)) text.erase(0, 1);
    };
    for (std::string& id : arguments.ids)
        take_off(id);
    for (std::string* const text :
         {&arguments.socket, &arguments.medicapp_id, &arguments.token, &arguments.because,
          &arguments.filter.reason, &arguments.filter.source, &arguments.filter.since,
          &arguments.filter.search, &arguments.filter.kind, &arguments.text, &arguments.source,
          &arguments.since, &arguments.until, &arguments.patient, &arguments.actor, &arguments.unit,
          &arguments.abandon})
        take_off(*text);
}

/// What cannot be said in CLI11's terms; empty: nothing is wrong.
std::string mistake_in(Arguments& arguments) {
    const std::string& command = arguments.command;
    if (command == "held link" && !arguments.text.empty()) {
        if (arguments.medicapp_id.empty())
            return "held link: give ID and MEDICAPP_ID; `medibridgectl held show ID` shows whom it "
                   "may be";
        arguments.ids = {arguments.text};
    }
    const bool decides =
        command.starts_with("held ") && command != "held list" && command != "held show";
    if (decides && arguments.ids.empty() && arguments.filter.is_empty())
        return command + ": name at least one ID, or filter by --held-for, --source, --since, "
                         "--search or --kind";
    if (decides && !arguments.ids.empty() && !arguments.filter.is_empty())
        return command + ": either IDs or a filter, not both";
    if (decides && !arguments.token.empty() && arguments.ids.size() != 1)
        return command + ": --token is for one ID";
    if (arguments.watch && arguments.output == Output::json)
        return "status: --watch cannot be combined with --output json";
    return {};
}

/// What `--output` says where the rest of the command line cannot be read.
Output output_asked_for(const std::vector<std::string>& words) {
    Output output = Output::text;
    for (std::size_t i = 1; i < words.size() && words[i] != "--"; ++i)
        if (words[i] == "--output=json" ||
            (words[i] == "--output" && i + 1 < words.size() && words[i + 1] == "json"))
            output = Output::json;
    return output;
}

/// Names a word that stands where a command should, with those that there are; empty: it is
/// something else that is wrong.
std::string unknown_command(const CLI::App& app, const std::vector<std::string>& words) {
    const CLI::App* place = &app;
    std::string path;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--config" || word == "--socket" || word == "--output") ++i;
        if (word.starts_with('-')) continue;
        const auto inner =
            place->get_subcommands([](const CLI::App* it) { return !it->get_group().empty(); });
        if (inner.empty()) return {};
        const auto named =
            place->get_subcommands([&](const CLI::App* it) { return it->get_name() == word; });
        const CLI::App* const next = named.empty() ? nullptr : named.front();
        if (next == nullptr) {
            std::string known;
            for (const CLI::App* it : inner)
                known += (known.empty() ? "" : ", ") + path + it->get_name();
            return "there is no command `" + path + word + "`; commands: " + known;
        }
        place = next;
        path += word + " ";
    }
    return {};
}

std::vector<OptionWord> options_of(const CLI::App& app) {
    static const std::map<std::string, std::vector<std::string>> choices = {
        {"--output", {"text", "json"}},
        {"--kind", {"decide", "excluded"}},
        {"--held-for", reasons}};
    std::vector<OptionWord> words;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            OptionWord word{"--" + name,
                            option->get_description(),
                            {},
                            option->get_items_expected_max() > 0,
                            name == "config" || name == "socket"};
            const bool filters = app.get_name() != "ignore" && name == "reason";
            const auto known = choices.find(filters ? "--held-for" : word.name);
            if (known != choices.end()) word.choices = known->second;
            words.push_back(std::move(word));
        }
    }
    return words;
}

void add_words(const CLI::App& app, const std::string& path, std::vector<CommandWord>& words) {
    CommandWord word{path, app.get_description(), options_of(app), false, false, {}};
    const auto commands =
        app.get_subcommands([](const CLI::App* inner) { return !inner->get_group().empty(); });
    word.has_commands = !commands.empty();
    for (const CLI::Option* option : app.get_options())
        word.takes_file = word.takes_file || option->get_name() == "FILE";
    words.push_back(std::move(word));
    for (const CLI::App* inner : commands)
        add_words(*inner, path.empty() ? inner->get_name() : path + " " + inner->get_name(), words);
}

} // namespace

ParsedArguments parse_command_line(int argc, const char* const* argv) {
    ParsedArguments parsed;
    Tree tree(parsed.arguments);
    std::vector<std::string> words;
    std::vector<const char*> kept;
    const std::span given(argv, static_cast<std::size_t>(argc));
    for (int i = 0; i < argc; ++i)
        words.push_back(is_bracketed(argv[i]) ? kept_whole + std::string(argv[i]) : argv[i]);
    for (const std::string& word : words)
        kept.push_back(word.c_str());
    parsed.mistake = base::empty_argument(given);
    if (!parsed.mistake.empty()) {
        parsed.arguments.output = output_asked_for(words);
        parsed.exit = ExitCode::usage;
        return parsed;
    }
    try {
        tree.app().parse(argc, kept.data());
        take_marks_off(parsed.arguments);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) {
            tree.app().exit(error);
            parsed.exit = ExitCode::ok;
            return parsed;
        }
        parsed.arguments.output = output_asked_for(words);
        parsed.mistake = unknown_command(tree.app(), words);
        if (parsed.mistake.empty())
            parsed.mistake = std::string(error.what()) + "\nRun with --help for more information.";
        parsed.exit = ExitCode::usage;
        return parsed;
    }
    parsed.mistake = mistake_in(parsed.arguments);
    if (!parsed.mistake.empty()) parsed.exit = ExitCode::usage;
    return parsed;
}

std::vector<CommandWord> command_words() {
    Arguments unused;
    Tree tree(unused);
    std::vector<CommandWord> words;
    add_words(tree.app(), {}, words);
    return words;
}

} // namespace medibridge::ctl
