#include "ctl/run.hpp"

#include "config/site.hpp"
#include "ctl/arguments.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/completion.hpp"
#include "ctl/session.hpp"
#include "ctl/socket_api.hpp"
#include "ctl/socket_place.hpp"

#include <cstdlib>
#include <map>
#include <ostream>
#include <poll.h>
#include <thread>

namespace medibridge::ctl {

namespace {

using Command = ExitCode (*)(Session&);

const std::map<std::string, Command>& table() {
    static const std::map<std::string, Command> commands{
        {"status", commands::status},
        {"why", commands::why},
        {"find", commands::find},
        {"pseudonym", commands::pseudonym},
        {"probe", commands::probe},
        {"doctor", commands::doctor},
        {"guard show", commands::guard_show},
        {"audit", commands::audit},
        {"held list", commands::held_list},
        {"held show", commands::held_show},
        {"sync", commands::sync},
        {"accept-mapping", commands::accept_mapping},
        {"accept-rewind", commands::accept_rewind},
        {"accept-space", commands::accept_space},
        {"accept-changes", commands::accept_changes},
        {"pause", commands::pause},
        {"resume", commands::resume},
        {"plan save", commands::plan_save},
        {"plan apply", commands::plan_apply},
        {"erase", commands::erase},
        {"backup", commands::backup},
        {"restore", commands::restore},
        {"key rotate", commands::rotate_key},
    };
    return commands;
}

ExitCode dispatch(Session& session) {
    const std::string& command = session.arguments().command;
    constexpr std::string_view of_held = "held ";
    const auto found = table().find(command);
    if (found != table().end()) return found->second(session);
    return commands::decide(session, command.substr(of_held.size()));
}

/// The daemon, or where none runs the state itself.
std::unique_ptr<Api> reach(const Arguments& arguments, const Surroundings& surroundings) {
    auto places = socket_places(arguments.socket, arguments.config, surroundings.environment);
    if (!places) throw Ended(ExitCode::configuration, places.error());
    auto daemon = std::make_unique<SocketApi>(*std::move(places));
    const bool restores = arguments.command == "restore";
    // A socket that was named is what the operator means.
    if (!restores && (!surroundings.open_state || !arguments.socket.empty())) return daemon;
    if (daemon->is_answered()) {
        if (!restores) return daemon;
        throw Ended(ExitCode::unavailable, "the daemon runs, and holds the state: stop it first "
                                           "(systemctl stop " +
                                               config::service_unit(arguments.config) + ")");
    }
    if (!surroundings.open_state)
        throw Ended(ExitCode::unavailable, "no daemon runs, and this program cannot open the state "
                                           "by itself");
    return surroundings.open_state(arguments.config);
}

ExitCode carry_out(const Arguments& arguments, const Surroundings& surroundings) {
    if (arguments.command == "completion") {
        *surroundings.terminal.out << completion(arguments.text);
        return ExitCode::ok;
    }
    if (arguments.command == "setup") return commands::set_up(arguments, surroundings);
    if (arguments.command == "events") return commands::events(arguments, surroundings);
    const auto api = reach(arguments, surroundings);
    Session session(*api, arguments, surroundings);
    return dispatch(session);
}

/// On stderr for a person; with `--output json` on stdout as well, as the one object.
ExitCode told(const Ended& ended, const Arguments& arguments, const Terminal& terminal) {
    Style style;
    style.program = program_of(arguments);
    if (arguments.output == Output::json) {
        Json error = ended.error();
        if (value_in(value_in(error, "error"), "message").is_string())
            error["error"]["message"] =
                style.as_typed(raw_text(value_in(error, "error"), "message"));
        if (value_in(error, "error").is_object())
            error["error"] = with_typed_commands(value_in(error, "error"), style);
        *terminal.out << safe_json(dumped(error)) << '\n' << std::flush;
    }
    const auto typed = style.as_typed(ended.what());
    std::string_view text = typed;
    while (!text.empty()) { // mistakes of a configuration stand on a line each
        const auto end = std::min(text.find('\n'), text.size());
        *terminal.err << "medibridgectl: " << clean(text.substr(0, end)) << '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    terminal.err->flush();
    return ended.exit();
}

bool has_closed_reader(int pipe) {
    pollfd end{pipe, POLLOUT, 0};
    return ::poll(&end, 1, 0) == 1 && (end.revents & POLLERR) != 0;
}

/// A file that lacks half of what was shown must not pass for the whole: what succeeded otherwise
/// fails here. A reader that closed its pipe has seen what it wanted.
ExitCode written(ExitCode exit, const Terminal& terminal) {
    terminal.out->flush();
    if (terminal.out->good() || has_closed_reader(STDOUT_FILENO)) return exit;
    *terminal.err << "medibridgectl: the output could not be written completely: is the disk full?"
                  << std::endl;
    return exit == ExitCode::ok ? ExitCode::internal : exit;
}

} // namespace

Surroundings process_surroundings() {
    return {
        process_terminal(),
        [](const std::string& name) -> std::optional<std::string> {
            const char* const value = std::getenv(name.c_str());
            if (value == nullptr) return std::nullopt;
            return value;
        },
        [] { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); },
        [](std::chrono::seconds pause) { std::this_thread::sleep_for(pause); },
        {},
        {},
        {}};
}

ExitCode run(int argc, const char* const* argv, const Surroundings& surroundings) {
    const ParsedArguments parsed = parse_command_line(argc, argv);
    const Arguments& arguments = parsed.arguments;
    const Terminal& terminal = surroundings.terminal;
    if (!parsed.mistake.empty())
        return written(told(Ended(ExitCode::usage, parsed.mistake), arguments, terminal), terminal);
    if (parsed.exit) return written(*parsed.exit, terminal);
    try {
        return written(carry_out(arguments, surroundings), terminal);
    } catch (const Ended& ended) {
        return written(told(ended, arguments, terminal), terminal);
    } catch (const Unreachable& failure) {
        return written(told(Ended(ExitCode::unavailable, failure.what()), arguments, terminal),
                       terminal);
    } catch (const std::exception& failure) {
        return written(told(Ended(ExitCode::internal, failure.what()), arguments, terminal),
                       terminal);
    }
}

} // namespace medibridge::ctl
