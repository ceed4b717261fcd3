#pragma once

#include "ctl/setup/question.hpp"
#include "ctl/terminal.hpp"

#include <string>
#include <vector>

namespace medibridge::ctl::setup {

/// Asks on `err`, and reads answers from `in`, a line each.
class Interview {
  public:
    explicit Interview(const Terminal& terminal) : terminal_(terminal) {}

    /// `before` are suggested again, secrets apart. What belongs to a place that was left out, such
    /// as its format, is not asked. Throws Ended where the input ends.
    Answers ask(const std::vector<Question>& questions, const Answers& before);
    /// One of these words.
    std::string choose(const std::string& text, const std::vector<std::string>& words,
                       const std::string& suggestion);
    /// Yes or no; `suggestion` for an empty answer.
    bool agree(const std::string& question, bool suggestion);
    void say(const std::string& text);

  private:
    std::string line();
    std::string secret_line();
    std::string ask_one(const Question& question, const std::string& suggestion);

    Terminal terminal_;
};

} // namespace medibridge::ctl::setup
