#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::ctl::setup {

/// What `medibridgectl setup` asks for one key of the configuration.
struct Question {
    std::string key;  ///< dotted, from the section's top: `fields.birthDate.format`
    std::string text; ///< what is asked
    std::string
        suggestion; ///< taken for an empty answer; empty: an empty answer leaves the key out
    bool is_required = false;
    bool is_secret = false; ///< not shown while it is typed, and never in the configuration
};

/// By key; keys that were left out are not there.
using Answers = std::map<std::string, std::string>;

std::vector<Question> questions_of_medicapp();

/// The kinds of source, as `type` has them.
const std::vector<std::string>& kinds();
/// What is asked for a source of that kind, its `type` apart. `spool`: below it lie folders that a
/// HIS drops files into. Throws std::out_of_range for another.
std::vector<Question> questions_of(std::string_view kind,
                                   const std::filesystem::path& spool = "/var/spool/medibridge");

} // namespace medibridge::ctl::setup
