#include "ctl/setup/files.hpp"

#include "base/files/content.hpp"
#include "base/files/open.hpp"
#include "ctl/clean.hpp"
#include "ctl/session.hpp"

#include <cstdlib>
#include <system_error>

namespace medibridge::ctl::setup {

namespace fs = std::filesystem;

TrialFolder::TrialFolder() : path_(fs::temp_directory_path() / "medibridge-setup-XXXXXX") {
    std::string name = path_.string();
    if (::mkdtemp(name.data()) == nullptr)
        throw Ended(ExitCode::unavailable,
                    "no temporary folder can be made in " + path_.parent_path().string());
    path_ = name;
}

TrialFolder::~TrialFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
}

void write_new(const fs::path& file, const std::string& text, std::uint32_t mode) {
    auto made = files::make_file(file, mode);
    if (!made)
        throw Ended(ExitCode::unavailable, "`" + clean(file.string()) + "` " + made.error().text);
    if (const auto fault = files::write_all(*made, text)) {
        std::error_code error;
        fs::remove(file, error);
        throw Ended(ExitCode::unavailable, "`" + clean(file.string()) + "` " + fault->text);
    }
}

void make_folder(const fs::path& folder, fs::perms mode) {
    std::error_code error;
    if (fs::create_directories(folder, error)) fs::permissions(folder, mode, error);
    if (error)
        throw Ended(ExitCode::unavailable, "the folder `" + clean(folder.string()) +
                                               "` cannot be made: " + error.message());
}

bool is_something(const fs::path& file) {
    std::error_code unknown;
    return fs::exists(fs::symlink_status(file, unknown));
}

fs::path standing_folder_of(const fs::path& file) {
    std::error_code error;
    auto folder = fs::absolute(file).parent_path();
    while (folder.has_relative_path() && !fs::exists(folder, error))
        folder = folder.parent_path();
    return folder;
}

} // namespace medibridge::ctl::setup
