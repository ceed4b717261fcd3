#pragma once

#include "ctl/setup/draft.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::ctl::setup {

/// Judges answers by the daemon's own reader of the configuration.
class Judge {
  public:
    /// Every mistake of a configuration's text, without its place.
    using MistakesOf = std::function<std::vector<std::string>(const std::string& text)>;

    /// `environment`: of the variables that stand for secrets, see Places. Where `mistakes_of` is
    /// empty, nothing is found wrong.
    Judge(MistakesOf mistakes_of, std::string environment)
        : mistakes_of_(std::move(mistakes_of)),
          environment_(std::move(environment)) {}

    /// What is wrong with the answer to that key of `section` (`medicapp` or `his`) by itself, in
    /// the reader's words; empty: nothing, or it takes other answers to tell.
    std::string fault(const Draft& draft, const std::string& section, const std::string& key) const;

  private:
    MistakesOf mistakes_of_;
    std::string environment_;
};

/// Puts the secrets into this process's environment, where the configuration of a trial has them:
/// however it ends, none is left on a disk.
void lend_secrets(const Draft& draft, const Places& places);

/// Whether words about mistakes name that key of the section.
bool names_key(std::string_view words, const std::string& section, const std::string& key);

} // namespace medibridge::ctl::setup
