#include "base/bytes/descriptor.hpp"
#include "config/site.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

#include <array>
#include <cerrno>
#include <ostream>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace medibridge::ctl::commands {

namespace {

/// Where nobody says how many.
constexpr std::int64_t usual_lines = 200;

constexpr std::size_t longest_line = 1u << 20;

std::string unit(const Arguments& arguments) {
    return arguments.unit.empty() ? config::service_unit(arguments.config) : arguments.unit;
}

/// What a journalctl reads. Where a timer runs medibridge instead of the service, that is it.
std::vector<std::string> journal_of(const Arguments& arguments) {
    std::vector<std::string> words{"journalctl", "--no-pager", "--output",
                                   "cat",        "--unit",     unit(arguments)};
    if (arguments.unit.empty() && config::site_of(arguments.config).empty())
        words.insert(words.end(), {"--unit", "medibridge-once"});
    return words;
}

std::vector<std::string> journal_command(const Arguments& arguments, Moment now) {
    auto words = journal_of(arguments);
    if (arguments.since.empty()) {
        words.insert(
            words.end(),
            {"--lines", std::to_string(arguments.limit == 0 ? usual_lines : arguments.limit)});
    } else {
        const auto since = read_since(arguments.since, now);
        if (!since)
            throw Ended(ExitCode::usage, "--since: `" + clean(arguments.since) +
                                             "` is no time: write 2026-11-28T18:00:00Z, "
                                             "2026-11-28, or how long ago: 30m, 2h, 3d");
        words.insert(words.end(),
                     {"--since", "@" + std::to_string(since->time_since_epoch().count())});
    }
    if (arguments.follow) words.emplace_back("--follow");
    return words;
}

/// A program whose output is read; it ends when nobody reads it any more.
class Journal {
  public:
    explicit Journal(std::vector<std::string> words) {
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) fail(errno);
        out_ = base::Descriptor(ends[0]);
        const base::Descriptor in(ends[1]);
        std::vector<char*> argv;
        for (std::string& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        posix_spawn_file_actions_t actions{};
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in.number(), STDOUT_FILENO);
        posix_spawn_file_actions_addclose(&actions, out_.number());
        posix_spawn_file_actions_addclose(&actions, in.number());
        const int error = posix_spawnp(&child_, argv[0], &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        if (error != 0) fail(error);
    }
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    ~Journal() {
        out_.reset();
        if (child_ > 0) waitpid(child_, nullptr, 0);
    }

    /// Some of the output; empty: it has ended.
    std::string_view read_some() {
        for (;;) {
            const auto count = read(out_.number(), piece_.data(), piece_.size());
            if (count >= 0) return {piece_.data(), static_cast<std::size_t>(count)};
            if (errno != EINTR) fail(errno);
        }
    }
    bool ended_well() {
        int status = 0;
        const bool known = waitpid(child_, &status, 0) == child_;
        child_ = -1;
        return known && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }

  private:
    [[noreturn]] static void fail(int error) {
        throw Ended(ExitCode::unavailable, "the journal cannot be read with journalctl: " +
                                               std::generic_category().message(error));
    }

    base::Descriptor out_;
    pid_t child_ = -1;
    std::array<char, 8192> piece_{};
};

/// Whether the journal has anything at all of the service, whenever it came.
bool has_any(const Arguments& arguments) {
    auto words = journal_of(arguments);
    words.insert(words.end(), {"--lines", "1"});
    Journal journal(std::move(words));
    return !journal.read_some().empty();
}

std::string json_line(std::string_view line) {
    const auto object = object_of(line);
    return safe_json(dumped(object ? *object : Json{{"msg", std::string(line)}})) + "\n";
}

} // namespace

ExitCode events(const Arguments& arguments, const Surroundings& surroundings) {
    const Terminal& terminal = surroundings.terminal;
    // An event may take several lines of the terminal: nothing of it is left out.
    const Style style{terminal.colours, 0, surroundings.now(), {}};
    Journal journal(journal_command(arguments, style.now));
    std::string text;
    bool any = false;
    for (auto piece = journal.read_some(); !piece.empty(); piece = journal.read_some()) {
        any = true;
        text += piece;
        std::size_t begin = 0;
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
            const std::string_view line = std::string_view(text).substr(begin, end - begin);
            *terminal.out << (arguments.output == Output::json ? json_line(line)
                                                               : show::event(line, style));
            begin = end + 1;
        }
        terminal.out->flush();
        text.erase(0, begin);
        if (text.size() > longest_line) text.clear();
    }
    if (journal.ended_well()) {
        if (any || has_any(arguments)) return ExitCode::ok;
        throw Ended(ExitCode::unavailable,
                    "the journal has nothing of " + clean(unit(arguments)) +
                        ": --unit names another one; a service that systemd does not run writes "
                        "its events to its stderr, wherever that goes; and only root and the group "
                        "systemd-journal see all of the journal");
    }
    throw Ended(ExitCode::unavailable, "journalctl could not show the journal of " +
                                           clean(unit(arguments)) +
                                           ": its readers are root and the group systemd-journal");
}

} // namespace medibridge::ctl::commands
