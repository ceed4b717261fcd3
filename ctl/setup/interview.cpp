#include "ctl/setup/interview.hpp"

#include "ctl/clean.hpp"
#include "ctl/session.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <istream>
#include <ostream>
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

Answers Interview::ask(const std::vector<Question>& questions, const Answers& before) {
    Answers given;
    for (const Question& question : questions) {
        if (is_idle(question, questions, given)) continue;
        const auto earlier = before.find(question.key);
        const bool suggests_earlier = earlier != before.end() && !question.is_secret;
        auto answer = ask_one(question, suggests_earlier ? earlier->second : question.suggestion);
        if (!answer.empty()) given[question.key] = std::move(answer);
    }
    return given;
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
