#pragma once

#include "ctl/setup/question.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace medibridge::ctl::setup {

/// A secret that was given, and the name under which it is kept.
struct Secret {
    std::string name; ///< `medicapp-api-key`, of the section and the key
    std::string value;
};

/// Everything that was answered.
struct Draft {
    Answers medicapp;
    std::string kind;
    Answers source;

    /// Secrets that were given.
    std::vector<Secret> secrets() const;
    /// The patient fields of Medicapp that nothing is mapped to, so that they are never sent. Empty
    /// for kinds that know where their fields are.
    std::vector<std::string> unmapped() const;
};

/// Only while nothing is known of the HIS: with a source that shows nobody, in an empty folder.
Draft with_a_source(Draft draft, const std::filesystem::path& folder);

/// Where a configuration has its files.
struct Places {
    std::filesystem::path state;
    /// The folder of the secrets, which are then `{file: …}`; empty: systemd hands them over, as
    /// `{credential: NAME}`.
    std::filesystem::path secrets;
    /// Only for a trial: they are `{env: …}`, under names that begin so.
    std::string environment = {};
};

/// The environment variable of a secret, where they stand in the environment.
std::string environment_name(const Places& places, const std::string& secret);

/// The configuration in YAML. What the HIS does not have is said under `safety`; all else that was
/// not asked has its default.
std::string configuration_text(const Draft& draft, const Places& places);

/// The drop-in of the unit by which systemd hands over the secrets that the unit itself does not
/// name; empty: none is needed.
std::string credentials_drop_in(const Draft& draft, const std::filesystem::path& folder);

} // namespace medibridge::ctl::setup
