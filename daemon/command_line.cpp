#include "daemon/command_line.hpp"

#include "base/bytes/arguments.hpp"
#include "daemon/telling.hpp"
#include "daemon/version.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <span>
#include <sstream>

namespace medibridge::daemon {

namespace {

constexpr const char* footer =
    R"(Without --once it runs as a service until SIGTERM; SIGHUP reads the configuration again.

Exit codes of --once:
  0   complete: everything applied or held     69  stopped by a guard before the first write
  64  wrong usage                              70  internal error
  65  complete, but something is to decide     75  incomplete: try again later
      (only with --strict)                     77  credentials refused
                                               78  mistakes in the configuration)";

void describe_options(CLI::App& app, CommandLine& arguments) {
    app.set_version_flag(
        "--version", [] { return version_text("medibridged"); },
        "Print the versions of the program and of what it depends on");
    app.footer(footer);
    app.add_option("--config", arguments.config, "Configuration file")->capture_default_str();
    auto* once = app.add_flag("--once", arguments.once, "Run one cycle and exit");
    auto* check = app.add_flag("--check-config", arguments.check_config,
                               "Report every mistake in the configuration and exit");
    once->excludes(check);
    app.add_flag("--skip-credentials", arguments.skip_credentials,
                 "With --check-config: leave out secrets of {credential: NAME}, which systemd lets "
                 "the service alone read; for ExecReload=")
        ->needs(check);
    app.add_flag("--print-config", arguments.print_config,
                 "Print the configuration as it counts, with where each value comes from, and exit")
        ->excludes(once)
        ->excludes(check);
    app.add_flag("--dry-run", arguments.dry_run,
                 "With --once: send no write and change no state; list what would be done "
                 "(beside the service: medibridgectl sync --dry-run)")
        ->needs(once);
    app.add_flag("--full", arguments.full,
                 "With --once: read Medicapp and all sources completely, whatever was read before")
        ->needs(once);
    app.add_flag(
           "--accept-rewind", arguments.accept_rewind,
           "With --once: Medicapp or a source was restored from a backup, and what it shows now "
           "is right; implies --full (beside the service: medibridgectl accept-rewind)")
        ->needs(once);
    app.add_flag("--accept-mapping", arguments.accept_mapping,
                 "With --once: the changed mapping of a source is intended; implies --full "
                 "(beside the service: medibridgectl accept-mapping)")
        ->needs(once);
    app.add_flag("--accept-space", arguments.accept_space,
                 "With --once: Medicapp has moved to another address with the patients that are "
                 "linked; implies --full (beside the service: medibridgectl accept-space)")
        ->needs(once);
    app.add_option("--source", arguments.source, "With --once: read only the source of that name")
        ->needs(once);
    app.add_flag(
           "--strict", arguments.strict,
           "With --once: exit with 65 if something is to decide; who is excluded does not count")
        ->needs(once);
    app.add_option_function<std::string>(
           "--output",
           [&arguments](const std::string& word) {
               arguments.output = word == "json" ? Output::json : Output::text;
           },
           "With --once: text or json")
        ->check(CLI::Validator(
            [](std::string& word) {
                const bool fits = word == "text" || word == "json";
                return fits ? std::string() : "`" + word + "` is neither text nor json";
            },
            ""))
        ->type_name("text|json")
        ->needs(once);
}

} // namespace

ParsedCommandLine parse_command_line(int argc, const char* const* argv) {
    ParsedCommandLine parsed;
    CLI::App app("Keeps the patients in Medicapp identical to those of the hospital.",
                 "medibridged");
    describe_options(app, parsed.arguments);
    const auto mistake = base::empty_argument({argv, static_cast<std::size_t>(argc)});
    if (!mistake.empty()) {
        tell_error(mistake + "\nRun with --help for more information.");
        parsed.exit = ExitCode::usage;
        return parsed;
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::ostringstream said;
        parsed.exit = app.exit(error, std::cout, said) == 0 ? ExitCode::ok : ExitCode::usage;
        auto text = said.str();
        while (text.ends_with('\n'))
            text.pop_back();
        if (!text.empty()) tell_error(text);
    }
    return parsed;
}

} // namespace medibridge::daemon
