#include "control/operations.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace medibridge::control::operations {

namespace fs = std::filesystem;
using runtime::Task;

namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Device and inode of a folder, as this process sees it; empty: it cannot look.
std::string identity_of(const fs::path& folder) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) != 0) return {};
    return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino);
}

} // namespace

/// The line of the audit is part of the backup, and stays if that fails.
Task<Json> backup(Call& call) {
    call.allow_parameters({});
    const auto body = call.body({"file", "folder"});
    const auto file = text_in(body, "file").value_or("");
    const auto meant = text_in(body, "folder").value_or("");
    const fs::path path(file);
    const auto odd = std::ranges::find_if(file, is_control);
    if (odd != file.end())
        throw Failure(Failure::Kind::usage,
                      "`file` has a control character at byte " +
                          std::to_string(odd - file.begin() + 1) +
                          ", which hides what is said of it: choose another name");
    if (!path.is_absolute()) throw Failure(Failure::Kind::usage, "`file` must be an absolute path");
    const auto folder = path.parent_path();
    if (const auto seen = identity_of(folder); !meant.empty() && !seen.empty() && meant != seen)
        throw Failure(Failure::Kind::refused,
                      "what the service sees as " + folder.string() +
                          " is another folder, of its own (PrivateTmp=), which goes when it stops: "
                          "name a file below the state's folder, " +
                          fs::absolute(call.backend.settings().state.path).parent_path().string());
    std::error_code unreadable;
    if (fs::exists(fs::symlink_status(path, unreadable)))
        throw Failure(Failure::Kind::refused, "there is such a file: choose another name");
    // It is the daemon that writes it, as its own user and within what its unit may write.
    if (::access(folder.c_str(), W_OK | X_OK) != 0)
        throw Failure(Failure::Kind::refused,
                      "medibridge may not write in " + folder.string() + ": " +
                          std::generic_category().message(errno) +
                          ": name a folder that it may write in, as the state's is");
    state::Batch batch;
    batch.audit(call.audit_entry("backup", file));
    co_await call.backend.database().commit(std::move(batch));
    auto job = [path](state::Store& store) {
        store.backup_to(path);
        return fs::file_size(path);
    };
    const auto bytes = co_await call.backend.database().run(std::move(job));
    Json it;
    it["file"] = file;
    it["bytes"] = bytes;
    co_return it;
}

} // namespace medibridge::control::operations
