#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::tests {

/// Looks for planted values in whatever a program leaves behind: as they are and without accents,
/// in any case, in UTF-8, Latin-1 and UTF-16, and these in hexadecimal, base64, percent-encoding
/// and JSON's escapes.
class Traces {
  public:
    /// The values are UTF-8, of Latin letters; at least 6 characters, so that none is found by
    /// chance.
    explicit Traces(const std::vector<std::string>& values);

    /// What is found, as `VALUE as FORM`, each once.
    std::vector<std::string> in(std::string_view bytes) const;
    /// The same for a file: its name, and what is in it.
    std::vector<std::string> in_file(const std::filesystem::path& path) const;

    std::size_t forms() const { return needles_.size(); }

  private:
    void add(const std::string& value, const std::string& form, std::string bytes);
    void add_encoded(const std::string& value, const std::string& form, const std::string& bytes);

    struct Needle {
        std::string bytes;
        std::string what;
    };
    std::vector<Needle> needles_; ///< those in letters are in lower case
};

} // namespace medibridge::tests
