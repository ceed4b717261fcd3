#pragma once

#include "ctl/api.hpp"
#include "ctl/arguments.hpp"
#include "ctl/json.hpp"
#include "ctl/run.hpp"
#include "ctl/style.hpp"
#include "ctl/terminal.hpp"

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

/// Internal to the room: what every command does its work with.
namespace medibridge::ctl {

/// The command ends here: a sentence for the operator, and the exit code.
class Ended : public std::runtime_error {
  public:
    Ended(ExitCode exit, const std::string& text, Json answer = {})
        : std::runtime_error(text),
          exit_(exit),
          answer_(std::move(answer)) {}
    ExitCode exit() const { return exit_; }
    /// As the API says it, for `--output json`.
    Json error() const;

  private:
    ExitCode exit_;
    Json answer_;
};

/// How commands begin, with what the operator gave to find the daemon, so that they can be typed as
/// they stand.
std::string program_of(const Arguments& arguments);

/// The answer, with the commands that accept its guards as they have to be typed here.
Json with_typed_commands(Json answer, const Style& style);

/// A path with a part that is not fixed, percent-encoded.
std::string path(std::string_view before, std::string_view part, std::string_view after = {});
/// A path with a query of those parameters that have a value.
std::string query(std::string target,
                  std::initializer_list<std::pair<std::string_view, std::string>> parameters);

class Session {
  public:
    Session(Api& api, const Arguments& arguments, const Surroundings& surroundings);

    const Arguments& arguments() const { return *arguments_; }
    const Style& style() const { return style_; }
    const Surroundings& surroundings() const { return *surroundings_; }
    bool json() const { return arguments_->output == Output::json; }

    /// The result. Throws Ended for an error, as the API words it.
    Json get(const std::string& target);
    Json post(const std::string& target, const Json& body = {});
    /// Long work: shows how it goes on a terminal.
    Json work(std::string_view method, const std::string& target, const Json& body = {});

    /// The result on stdout: the object, or the text.
    void print(const Json& result, const std::string& text);
    /// To a person, apart from the result. With `--output json` only where they will be asked.
    void say(const std::string& text);

    /// Ends the command of a user who may not decide, before they are asked for anything. Where
    /// `--yes` answers, what is asked for is refused itself.
    void require_decider();
    /// Ends the command where `question` could be put to nobody, before it has asked for anything.
    /// `alternative`: to `--yes`; empty: none.
    void must_answer(const std::string& question, const std::string& alternative = {}) const;
    /// Asks before something is done; `--yes` answers. Throws Ended where the answer is no, or
    /// where nobody can be asked.
    void confirm(const std::string& question);
    /// The same where the answer must be this very text.
    void confirm_text(const std::string& question, const std::string& expected);

    /// A time from the command line as RFC 3339; empty stays empty. Throws Ended.
    std::string since(const std::string& text) const;

  private:
    std::string answered(const std::string& question);
    Json call(std::string_view method, const std::string& target, const Json& body,
              const OnProgress& on_progress);

    Api* api_;
    const Arguments* arguments_;
    const Surroundings* surroundings_;
    Style style_;
};

} // namespace medibridge::ctl
