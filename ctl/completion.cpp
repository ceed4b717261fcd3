#include "ctl/completion.hpp"

#include "ctl/arguments.hpp"
#include "ctl/clean.hpp"

#include <algorithm>
#include <map>

namespace medibridge::ctl {

namespace {

std::string last_word(const std::string& path) {
    return path.substr(path.rfind(' ') + 1);
}

/// The words that may follow a command: those that it holds.
std::map<std::string, std::string> inner_words(const std::vector<CommandWord>& words) {
    std::map<std::string, std::string> inner;
    for (const CommandWord& word : words) {
        if (word.path.empty()) continue;
        const auto space = word.path.rfind(' ');
        std::string& all = inner[space == std::string::npos ? "" : word.path.substr(0, space)];
        all += (all.empty() ? "" : " ") + last_word(word.path);
    }
    return inner;
}

std::string option_names(const CommandWord& word) {
    std::string names;
    for (const OptionWord& option : word.options)
        names += (names.empty() ? "" : " ") + option.name;
    return names;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

/// Where the command is found on the line is the same in bash and zsh, which runs this by
/// bashcompinit: words that are no options, as far as they name commands.
constexpr const char* bash_head =
    R"(# Completion of medibridgectl, made by `medibridgectl completion`.
_medibridgectl_words() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= word next i
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$word" in -*) continue ;; esac
        next=${path:+$path }$word
        case "$next" in
)";

std::string bash() {
    const auto words = command_words();
    std::string text = bash_head;
    std::string known;
    for (const CommandWord& word : words)
        if (!word.path.empty()) known += (known.empty() ? "" : "|") + shell_word(word.path);
    text += "            " + known + ") path=$next ;;\n        esac\n    done\n";
    text += "    case \"$path $previous\" in\n";
    for (const CommandWord& word : words) {
        for (const OptionWord& option : word.options) {
            // What every command takes may stand behind any of them.
            const std::string place = word.path.empty()
                                          ? "*\" " + option.name + "\""
                                          : "\"" + word.path + " " + option.name + "\"";
            if (!option.choices.empty())
                text += "        " + place + ") COMPREPLY=($(compgen -W '" +
                        joined(option.choices) + "' -- \"$current\")); return ;;\n";
            else if (option.takes_file)
                text +=
                    "        " + place + ") COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n";
            else if (option.takes_value)
                text += "        " + place + ") return ;;\n";
        }
    }
    text += "    esac\n    local words= files=\n    case \"$path\" in\n";
    const auto inner = inner_words(words);
    for (const CommandWord& word : words) {
        const auto holds = inner.find(word.path);
        text += "        \"" + word.path + "\") words='" +
                (holds == inner.end() ? "" : holds->second + " ") + option_names(word) + "'" +
                (word.takes_file ? "; files=yes" : "") + " ;;\n";
    }
    text += "    esac\n    COMPREPLY=($(compgen -W \"$words " + option_names(words.front()) +
            "\" -- \"$current\"))\n"
            "    if [ -n \"$files\" ]; then COMPREPLY+=($(compgen -f -- \"$current\")); fi\n"
            "}\n"
            "complete -o filenames -F _medibridgectl_words medibridgectl\n";
    return text;
}

std::string zsh() {
    // zsh loads the file when it completes for the first time, and wants its words at once.
    return "#compdef medibridgectl\nautoload -U +X bashcompinit && bashcompinit\n" + bash() +
           "[ \"$funcstack[1]\" != _medibridgectl ] || _bash_complete -o filenames -F "
           "_medibridgectl_words\n";
}

std::string fish_quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

/// What must stand on the line for something to be offered.
std::string fish_condition(const std::string& path,
                           const std::map<std::string, std::string>& inner) {
    const auto space = path.rfind(' ');
    std::string condition;
    if (path.empty()) return "not __fish_seen_subcommand_from " + inner.at("");
    if (space != std::string::npos)
        condition = "__fish_seen_subcommand_from " + path.substr(0, space) + "; and ";
    return condition + "__fish_seen_subcommand_from " + last_word(path);
}

std::string fish() {
    const auto words = command_words();
    const auto inner = inner_words(words);
    std::string text = "# Completion of medibridgectl, made by `medibridgectl completion`.\n"
                       "complete -c medibridgectl -f\n";
    for (const CommandWord& word : words) {
        if (!word.path.empty()) {
            const auto space = word.path.rfind(' ');
            const std::string holder = space == std::string::npos ? "" : word.path.substr(0, space);
            std::string condition = fish_condition(holder, inner);
            if (!holder.empty())
                condition += "; and not __fish_seen_subcommand_from " + inner.at(holder);
            text += "complete -c medibridgectl -n " + fish_quoted(condition) + " -a " +
                    last_word(word.path) + " -d " + fish_quoted(word.about) + "\n";
            if (word.takes_file)
                text += "complete -c medibridgectl -n " +
                        fish_quoted(fish_condition(word.path, inner)) + " -F\n";
        }
        for (const OptionWord& option : word.options) {
            text += "complete -c medibridgectl";
            if (!word.path.empty()) text += " -n " + fish_quoted(fish_condition(word.path, inner));
            text += " -l " + option.name.substr(2);
            if (option.takes_value) text += option.takes_file ? " -r -F" : " -x";
            if (!option.choices.empty()) text += " -a " + fish_quoted(joined(option.choices));
            text += " -d " + fish_quoted(option.about) + "\n";
        }
    }
    return text;
}

} // namespace

std::string completion(std::string_view shell) {
    if (shell == "bash") return bash();
    return shell == "zsh" ? zsh() : fish();
}

} // namespace medibridge::ctl
