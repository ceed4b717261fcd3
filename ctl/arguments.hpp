#pragma once

#include "ctl/exit_code.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::ctl {

enum class Output { text, json };

inline constexpr const char* default_config = "/etc/medibridge/medibridge.yaml";

/// Which of those who are held. Empty: all.
struct Filter {
    std::string reason;
    std::string source;
    std::string since; ///< a time, or an age such as `3d`
    std::string search;
    std::string kind; ///< `decide` or `excluded`

    bool is_empty() const {
        return reason.empty() && source.empty() && since.empty() && search.empty() && kind.empty();
    }
};

/// The command line. What the command does not take is as it is here.
struct Arguments {
    std::string command; ///< its words: `held link`
    std::filesystem::path config = default_config;
    std::string socket;
    bool yes = false;
    Output output = Output::text;

    std::vector<std::string> ids; ///< of held patients
    std::string medicapp_id;
    std::string token;
    std::string because; ///< why somebody is ignored
    Filter filter;
    std::string text; ///< an externalId, what to find, a pseudonym, a shell
    std::filesystem::path file;
    std::string source;
    std::string since;
    std::string until;
    std::string patient;
    std::string actor;
    std::string unit;       ///< of systemd; empty: that of the configuration
    std::int64_t limit = 0; ///< lines; 0: the usual number
    std::int64_t expect = 0;
    bool watch = false;
    bool with_sentinel = false; ///< a probe may create a patient
    bool full = false;
    std::string abandon; ///< which key that was to be the state's next one is given up
    std::filesystem::path keep_former; ///< a new file for the state's key that is replaced
    bool dry_run = false;
    bool verify = false;
    bool follow = false;
};

/// The command line, or the exit code with which the program ends at once: help and version are
/// printed to stdout already, a mistake is told by the caller, as `arguments.output` says.
struct ParsedArguments {
    Arguments arguments;
    std::optional<ExitCode> exit;
    std::string mistake; ///< empty: none
};

ParsedArguments parse_command_line(int argc, const char* const* argv);

/// What a command takes, for completion and for tests of the documentation.
struct OptionWord {
    std::string name; ///< `--reason`
    std::string about;
    std::vector<std::string> choices;
    bool takes_value = false;
    bool takes_file = false;
};
struct CommandWord {
    std::string path; ///< `held link`; empty: what every command takes
    std::string about;
    std::vector<OptionWord> options;
    bool has_commands = false; ///< it only holds others, as `held`
    bool takes_file = false;
    std::vector<std::string> choices; ///< of its argument
};

/// Every command that is not hidden, a holder before what it holds.
std::vector<CommandWord> command_words();

} // namespace medibridge::ctl
