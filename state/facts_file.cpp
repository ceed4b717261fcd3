#include "base/bytes/descriptor.hpp"
#include "state/facts_log.hpp"
#include "state/sqlite/error.hpp"
#include "state/store.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace medibridge::state {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& doing, const fs::path& path) {
    const std::string why = errno_text(errno);
    throw StoreError(StoreError::Kind::unavailable,
                     "cannot " + doing + " the facts beside the state, " + path.string() + ": " +
                         why +
                         "; the file must belong to the user that runs medibridge, mode 0600, on "
                         "a disk that has room; nothing of this change was kept");
}

class FactsFile final : public AppendOnly {
  public:
    explicit FactsFile(fs::path path) : path_(std::move(path)) {}

    std::string read() override {
        const base::Descriptor file(path_, O_NOFOLLOW | O_RDONLY);
        if (!file.is_open() && errno == ENOENT) return {};
        if (!file.is_open()) fail("open", path_);
        std::string text;
        std::array<char, 4096> piece{};
        for (;;) {
            const ssize_t length = ::read(file.number(), piece.data(), piece.size());
            if (length < 0 && errno == EINTR) continue;
            if (length < 0) fail("read", path_);
            if (length == 0) return text;
            text.append(piece.data(), static_cast<std::size_t>(length));
        }
    }

    void append(const std::string& text) override {
        const base::Descriptor file(path_, O_NOFOLLOW | O_WRONLY | O_APPEND | O_CREAT);
        if (!file.is_open()) fail("open", path_);
        if (::fchmod(file.number(), 0600) != 0) fail("keep private", path_);
        write_all(file.number(), text);
        if (::fsync(file.number()) != 0) fail("write", path_);
        // Also for an existing file: its creator may have been interrupted before this.
        if (!name_is_durable_) sync_directory();
        name_is_durable_ = true;
    }

  private:
    void write_all(int descriptor, std::string_view text) const {
        while (!text.empty()) {
            const ssize_t length = ::write(descriptor, text.data(), text.size());
            if (length < 0 && errno == EINTR) continue;
            if (length < 0) fail("write", path_);
            text.remove_prefix(static_cast<std::size_t>(length));
        }
    }

    void sync_directory() const {
        const base::Descriptor directory(path_.parent_path(), O_NOFOLLOW | O_RDONLY | O_DIRECTORY);
        if (!directory.is_open() || ::fsync(directory.number()) != 0) fail("make durable", path_);
    }

    fs::path path_;
    bool name_is_durable_ = false;
};

} // namespace

std::unique_ptr<AppendOnly> facts_beside(const fs::path& state_file) {
    return std::make_unique<FactsFile>(state_file.string() + ".facts");
}

} // namespace medibridge::state
