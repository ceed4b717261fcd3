#pragma once

#include "ctl/setup/question.hpp"
#include "ctl/terminal.hpp"

#include <functional>
#include <string>
#include <vector>

namespace medibridge::ctl::setup {

/// Asks on `err`, and reads answers from `in`, a line each.
class Interview {
  public:
    explicit Interview(const Terminal& terminal) : terminal_(terminal) {}

    /// Why the answer to that key cannot be taken, as all stand now; empty: it can.
    using FaultOf = std::function<std::string(const Answers& given, const std::string& key)>;

    /// Asks all, each until it can be taken. `before` are suggested again. What belongs to a place
    /// that was left out, such as its format, is not asked. Throws Ended where the input ends.
    Answers ask(const std::vector<Question>& questions, const Answers& before,
                const FaultOf& fault_of);
    /// Shows what was answered, and asks again what the operator names, with what belongs to it;
    /// `doubtful`: the key that is suggested first, if any. `above` stands before the list as
    /// number 0, if there is something; true: the operator wants to change that.
    bool change(const std::vector<Question>& questions, Answers& given, const FaultOf& fault_of,
                const std::string& doubtful, const std::string& above = {});
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
    void ask_into(const Question& question, const std::string& suggestion, Answers& given,
                  const FaultOf& fault_of);
    void list(const std::vector<Question>& questions, const Answers& given);

    Terminal terminal_;
};

} // namespace medibridge::ctl::setup
