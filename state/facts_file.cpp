#include "base/files/content.hpp"
#include "state/facts_log.hpp"
#include "state/sqlite/error.hpp"
#include "state/store.hpp"

#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& doing, const fs::path& path, const std::string& why) {
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot " + doing + " the facts beside the state, " + path.string() + ": " +
                         why +
                         "; the file must belong to the user that runs medibridge, mode 0600, on "
                         "a disk that has room; nothing of this change was kept");
}

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
    fail(doing, path, errno_text(errno));
}

[[noreturn]] void fail(const std::string& doing, const fs::path& path, const files::Fault& fault) {
    fail(doing, path, fault.error == 0 ? "it " + fault.text : errno_text(fault.error));
}

constexpr std::size_t most_bytes = std::size_t{1} << 30; ///< a fact takes less than 700

class FactsFile final : public AppendOnly {
  public:
    explicit FactsFile(fs::path path) : path_(std::move(path)) {}

    std::string read() override {
        const auto file = files::open_own(path_, files::Access::read);
        if (!file && file.error().error == ENOENT) return {};
        if (!file) fail("open", path_, file.error());
        auto text = files::read_all(*file, most_bytes);
        if (!text) fail("read", path_, text.error());
        return *std::move(text);
    }

    void append(const std::string& text) override {
        const auto file = files::open_or_make_own(path_, files::Access::append);
        if (!file) fail("open", path_, file.error());
        if (::fchmod(file->number(), 0600) != 0) fail("keep private", path_);
        if (const auto fault = files::write_all(*file, text)) fail("write", path_, *fault);
        if (::fsync(file->number()) != 0) fail("write", path_);
        // Also for an existing file: its creator may have been interrupted before this.
        if (!name_is_durable_) sync_directory();
        name_is_durable_ = true;
    }

  private:
    void sync_directory() const {
        const auto directory = files::open_own_directory(path_.parent_path());
        if (!directory) fail("make durable", path_, directory.error());
        if (::fsync(directory->number()) != 0) fail("make durable", path_);
    }

    fs::path path_;
    bool name_is_durable_ = false;
};

} // namespace

std::unique_ptr<AppendOnly> facts_beside(const fs::path& state_file) {
    return std::make_unique<FactsFile>(state_file.string() + ".facts");
}

} // namespace medibridge::state
