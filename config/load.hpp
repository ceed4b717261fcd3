#pragma once

#include "config/report.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace medibridge::config {

/// The settings, or every mistake of the file at once.
struct Loaded {
    std::optional<Settings> settings; ///< set exactly if `mistakes` is empty
    std::vector<Mistake> mistakes;    ///< in the order of the file
    /// What is accepted but should be fixed, such as a secret that everybody can read.
    std::vector<Mistake> advice;
    /// Secrets that cannot be looked into from here, which the settings lack: see ReadFor.
    std::vector<Mistake> unseen;
};

/// What the settings are for.
enum class ReadFor {
    use,
    /// Nobody works with them: credentials that systemd hands to the service alone are no mistake
    /// where it did not hand them to this process.
    check,
};

Environment process_environment();

/// Reads and checks the file strictly: unknown and duplicate keys, wrong types, missing keys, bad
/// values and unreadable secrets are all mistakes. `kinds` are those of sources that it may name.
Loaded load(const std::filesystem::path& file, const Environment& environment,
            const SourceKinds& kinds, ReadFor purpose = ReadFor::use);

/// The same for text; `name` stands for the file in mistakes.
Loaded load_text(const std::string& text, const std::string& name, const Environment& environment,
                 const SourceKinds& kinds, ReadFor purpose = ReadFor::use);

/// The dotted paths of all keys that the reader looks for while it reads `text`, whether they are
/// there or not. Keys of an optional section are looked for only if that section is there.
std::set<std::string> known_keys(const std::string& text, const Environment& environment,
                                 const SourceKinds& kinds);

} // namespace medibridge::config
