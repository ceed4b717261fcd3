#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

/// The files that setup makes. Whatever cannot be made ends the program: all of these throw Ended.
namespace medibridge::ctl::setup {

/// A folder of this user alone, with what a trial needs; gone with its end.
class TrialFolder {
  public:
    TrialFolder();
    ~TrialFolder();
    TrialFolder(const TrialFolder&) = delete;
    TrialFolder& operator=(const TrialFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A file that was not there.
void write_new(const std::filesystem::path& file, const std::string& text, std::uint32_t mode);
/// With the folders above it; one that is there stays as it is.
void make_folder(const std::filesystem::path& folder, std::filesystem::perms mode);
/// Also a link that leads nowhere, and a folder: nothing can be made in its place.
bool is_something(const std::filesystem::path& file);
/// The folder that is there, in which the first new file or folder will be made.
std::filesystem::path standing_folder_of(const std::filesystem::path& file);

} // namespace medibridge::ctl::setup
