#include "ctl/setup/interview.hpp"

#include "ctl/clean.hpp"
#include "ctl/session.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <istream>
#include <iterator>
#include <optional>
#include <ostream>
#include <system_error>
#include <termios.h>
#include <unistd.h>

namespace medibridge::ctl::setup {

namespace {

/// How the terminal was; for the handler of a signal.
termios terminal_before{};

extern "C" void restore_terminal_and_end(int number) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &terminal_before);
    std::signal(number, SIG_DFL);
    std::raise(number);
}

/// What is typed is not shown while this lives. A signal that ends the program shows it again.
class NoEcho {
  public:
    NoEcho() {
        if (::tcgetattr(STDIN_FILENO, &terminal_before) != 0) return;
        termios hidden = terminal_before;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        for (std::size_t i = 0; i < ending.size(); ++i)
            former_[i] = std::signal(ending[i], restore_terminal_and_end);
        former_stop_ = std::signal(SIGTSTP, SIG_IGN); // a shell would come back without an echo
        changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
        is_on_ = true;
    }
    ~NoEcho() {
        if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &terminal_before);
        for (std::size_t i = 0; is_on_ && i < ending.size(); ++i)
            std::signal(ending[i], former_[i]);
        if (is_on_) std::signal(SIGTSTP, former_stop_);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

  private:
    static constexpr std::array ending{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    std::array<void (*)(int), ending.size()> former_{};
    void (*former_stop_)(int) = SIG_DFL;
    bool changed_ = false;
    bool is_on_ = false;
};

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Whether the question is about a place, such as its format, that was left out.
bool is_idle(const Question& question, const std::vector<Question>& all, const Answers& given) {
    const auto place = question.key.substr(0, question.key.rfind('.')) + ".at";
    if (place == question.key) return false;
    return std::ranges::find(all, place, &Question::key) != all.end() && !given.contains(place);
}

/// The word that takes an answer back, or leaves one out that is suggested.
constexpr const char* left_out = "-";

std::string numbered(std::size_t number, const std::string& text) {
    const auto digits = std::to_string(number);
    return std::string(digits.size() < 4 ? 4 - digits.size() : 0, ' ') + digits + "  " + text +
           "\n";
}

std::optional<std::size_t> number_of(const std::string& text) {
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || rest != end) return std::nullopt;
    return number;
}

} // namespace

void Interview::say(const std::string& text) {
    *terminal_.err << text << std::flush;
}

std::string Interview::line() {
    std::string text;
    if (!std::getline(*terminal_.in, text))
        throw Ended(ExitCode::usage, "the input ended before every question was answered: nothing "
                                     "was written");
    return trimmed(text);
}

std::string Interview::secret_line() {
    if (!terminal_.in_is_terminal) return line();
    const NoEcho hidden;
    auto text = line();
    say("\n");
    return text;
}

std::string Interview::ask_one(const Question& question, const std::string& suggestion) {
    for (;;) {
        say(question.text + (suggestion.empty() ? "" : " [" + clean(suggestion) + "]") + ": ");
        auto answer = question.is_secret ? secret_line() : line();
        if (answer.empty()) answer = suggestion;
        if (!answer.empty() || !question.is_required) return answer;
        say("  this is needed\n");
    }
}

/// Asks until the answer can be taken; `given` then has it, or has none.
void Interview::ask_into(const Question& question, const std::string& suggestion, Answers& given,
                         const FaultOf& fault_of) {
    for (;;) {
        const auto before = given.find(question.key);
        const bool keeps = question.is_secret && before != given.end();
        auto answer =
            keeps ? ask_one({question.key, question.text + " [as before]", {}, false, true}, {})
                  : ask_one(question, suggestion);
        if (keeps && answer.empty()) return;
        if (answer == left_out && question.is_required) {
            say("  this is needed\n");
            continue;
        }
        if (answer.empty() || answer == left_out) {
            given.erase(question.key);
            return;
        }
        given[question.key] = std::move(answer);
        const auto fault = fault_of(given, question.key);
        if (fault.empty()) return;
        say("  " + clean(fault) + "\n");
        given.erase(question.key);
    }
}

Answers Interview::ask(const std::vector<Question>& questions, const Answers& before,
                       const FaultOf& fault_of) {
    Answers given;
    for (const Question& question : questions) {
        if (is_idle(question, questions, given)) continue;
        const auto earlier = before.find(question.key);
        if (earlier != before.end() && question.is_secret) given.insert(*earlier);
        ask_into(question, earlier == before.end() ? question.suggestion : earlier->second, given,
                 fault_of);
    }
    return given;
}

void Interview::list(const std::vector<Question>& questions, const Answers& given) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const auto& question = questions[i];
        if (is_idle(question, questions, given)) continue;
        const auto answer = given.find(question.key);
        const std::string text = answer == given.end() ? "-"
                                 : question.is_secret  ? "(not shown)"
                                                       : clean(answer->second);
        say(numbered(i + 1, question.text + ": " + text));
    }
}

bool Interview::change(const std::vector<Question>& questions, Answers& given,
                       const FaultOf& fault_of, const std::string& doubtful,
                       const std::string& above) {
    const auto named = std::ranges::find(questions, doubtful, &Question::key);
    std::string suggestion;
    if (named != questions.end())
        suggestion = std::to_string(std::distance(questions.begin(), named) + 1);
    if (!above.empty()) say(numbered(0, above));
    list(questions, given);
    for (;;) {
        const auto answer =
            ask_one({"", "which one? A number; nothing, once they are right", {}, false, false},
                    suggestion);
        suggestion.clear();
        if (answer.empty() || answer == left_out) return false;
        if (answer == "0" && !above.empty()) return true;
        const auto number = number_of(answer);
        if (!number || *number < 1 || *number > questions.size()) {
            say("  a number from the list\n");
            continue;
        }
        const auto before = given;
        const auto& chosen = questions[*number - 1];
        const auto earlier = before.find(chosen.key);
        ask_into(chosen, earlier == before.end() ? chosen.suggestion : earlier->second, given,
                 fault_of);
        // What belongs to a place goes with it, and is asked with a new one.
        for (const Question& question : questions) {
            const bool was_idle = is_idle(question, questions, before);
            if (is_idle(question, questions, given))
                given.erase(question.key);
            else if (was_idle)
                ask_into(question, question.suggestion, given, fault_of);
        }
    }
}

std::string Interview::choose(const std::string& text, const std::vector<std::string>& words,
                              const std::string& suggestion) {
    std::string list;
    for (const auto& word : words)
        list += (list.empty() ? "" : ", ") + word;
    for (;;) {
        auto answer = ask_one({"", text + " (" + list + ")", "", true, false}, suggestion);
        if (std::ranges::find(words, answer) != words.end()) return answer;
        say("  one of " + list + "\n");
    }
}

bool Interview::agree(const std::string& question, bool suggestion) {
    for (;;) {
        const auto answer =
            ask_one({"", question + (suggestion ? " [Y/n]" : " [y/N]"), "", false, false}, "");
        if (answer.empty()) return suggestion;
        if (const auto is_yes = yes_or_no(answer)) return *is_yes;
        say("  y or n\n");
    }
}

} // namespace medibridge::ctl::setup
