#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

namespace medibridge::tests {

/// A directory that goes with the test. In it lies a file of somebody else's, which nothing that a
/// program does at another path may change.
class OddFolder {
  public:
    static constexpr const char* content = "somebody's content";

    OddFolder();
    ~OddFolder();
    OddFolder(const OddFolder&) = delete;
    OddFolder& operator=(const OddFolder&) = delete;

    std::filesystem::path operator/(const char* name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }
    /// What the file of somebody else holds now.
    std::string victim() const;

  private:
    std::filesystem::path path_;
};

/// What may stand in the place of a file, and a part of what is said of it.
struct Odd {
    const char* name;
    std::function<void(const OddFolder&, const std::filesystem::path& at)> put;
    const char* words;
    bool fine_if_given = false;   ///< to be read: links are followed
    bool fine_if_dropped = false; ///< in a drop folder: its other names are the dropper's business
};
void PrintTo(const Odd& odd, std::ostream* out);

extern const std::array<Odd, 9> odd_things;

} // namespace medibridge::tests
