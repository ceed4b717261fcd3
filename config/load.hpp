#pragma once

#include "config/settings.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::config {

/// One mistake in the file: where it is, what it is and how to fix it. Never quotes a secret.
struct Mistake {
    std::string file;
    int line = 0;   ///< from 1; 0: the file as a whole
    int column = 0; ///< from 1
    std::string text;

    /// `FILE:LINE:COLUMN: text`.
    std::string to_string() const;
};

/// The settings, or every mistake of the file at once.
struct Loaded {
    std::optional<Settings> settings; ///< set exactly if `mistakes` is empty
    std::vector<Mistake> mistakes;    ///< in the order of the file
    /// What is accepted but should be fixed, such as a secret that everybody can read.
    std::vector<Mistake> advice;
};

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

/// Reads and checks the file strictly: unknown and duplicate keys, wrong types, missing keys, bad
/// values and unreadable secrets are all mistakes.
Loaded load(const std::filesystem::path& file, const Environment& environment);

/// The same for text; `name` stands for the file in mistakes.
Loaded load_text(const std::string& text, const std::string& name, const Environment& environment);

} // namespace medibridge::config
