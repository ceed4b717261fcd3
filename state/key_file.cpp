#include "state/key_file.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/locked.hpp"
#include "base/files/content.hpp"
#include "state/store.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sodium.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace medibridge::state {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t key_size = 32;
constexpr std::size_t longest_file = 2 * key_size + 16; // with room for a line end

[[noreturn]] void fail(const std::string& what) {
    throw StoreError(StoreError::Kind::unavailable, what);
}

/// What an operator must put right.
[[noreturn]] void refuse(const std::string& what) {
    throw StoreError(StoreError::Kind::not_ours, what);
}

std::string words_of(int error) {
    return std::generic_category().message(error);
}

/// Text that the destructor wipes.
class SecretText {
  public:
    SecretText() = default;
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    ~SecretText() { ::explicit_bzero(bytes.data(), bytes.size()); }

    std::array<char, longest_file> bytes{};
    std::size_t size = 0;
    std::string_view view() const { return {bytes.data(), size}; }
};

KeyBytes read_key(const base::Descriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0)
        fail("cannot examine the state's key " + path + ": " + words_of(errno));
    if ((status.st_mode & 077U) != 0)
        refuse("others may read the state's key " + path +
               ": chmod 600 it, and think about who "
               "may have read it");
    SecretText text;
    const ssize_t length = ::read(file.number(), text.bytes.data(), text.bytes.size());
    if (length < 0) fail("cannot read the state's key " + path + ": " + words_of(errno));
    text.size = static_cast<std::size_t>(length);
    auto key = key_from_text(text.view());
    if (!key)
        refuse("the state's key " + path +
               " is not 64 hexadecimal digits: restore it from a "
               "backup; a state file is of use only with its own key");
    return *std::move(key);
}

void spell(const KeyBytes& key, SecretText& text) {
    const auto bytes = key.bytes();
    sodium_bin2hex(text.bytes.data(), text.bytes.size(), bytes.data(), bytes.size());
    text.size = 2 * bytes.size();
    text.bytes[text.size++] = '\n';
}

void write_durably(const fs::path& path, std::string_view text) {
    const auto file = files::make_file(path, 0600);
    const auto fault =
        file ? files::write_all(*file, text) : std::optional<files::Fault>(file.error());
    if (!fault && ::fsync(file->number()) == 0) return;
    const int error = fault ? fault->error : errno;
    if (file) ::unlink(path.c_str());
    fail("cannot make the state's key " + path.string() + ": " + words_of(error) +
         (error == ENOSPC ? "; free some space"
                          : "; its directory must belong to the user that runs medibridge"));
}

void make_name_durable(const fs::path& path) {
    const fs::path parent = path.parent_path();
    const auto directory = files::open_directory(parent.empty() ? fs::path(".") : parent);
    if (!directory || ::fsync(directory->number()) != 0)
        fail("cannot make the state's key " + path.string() +
             " durable: " + words_of(directory ? errno : directory.error().error));
}

/// The key file appears completely or not at all, and never replaces another one.
void make_key(const fs::path& path) {
    const fs::path draft = path.string() + ".new." + std::to_string(::getpid());
    ::unlink(draft.c_str());
    SecretText text;
    spell(KeyBytes::random(), text);
    write_durably(draft, text.view());
    // A second name, even for a moment, would remain after a power cut.
    int error = ::renameat2(AT_FDCWD, draft.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0
                    ? 0
                    : errno;
    if (error == EINVAL || error == ENOSYS) // a file system without it
        error = ::link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
    ::unlink(draft.c_str());
    if (error != 0 && error != EEXIST)
        fail("cannot make the state's key " + path.string() + ": " + words_of(error));
    make_name_durable(path);
}

} // namespace

KeyBytes read_or_make_key(const fs::path& path) {
    auto file = files::open_own(path, files::Access::read);
    if (!file && file.error().error == ENOENT) {
        make_key(path);
        file = files::open_own(path, files::Access::read);
    }
    if (!file && file.error().error == 0)
        refuse("the state's key " + path.string() + " " + file.error().text +
               "; a key that is kept elsewhere is named by state.key");
    if (!file)
        fail("cannot open the state's key " + path.string() + ": " + words_of(file.error().error));
    return read_key(*file, path.string());
}

std::optional<KeyBytes> key_from_text(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    if (text.size() != 2 * key_size) return std::nullopt;
    auto bytes = base::from_hex(text);
    if (!bytes) return std::nullopt;
    KeyBytes key(*bytes);
    base::wipe(bytes->data(), bytes->size());
    return key;
}

fs::path next_key_file(const fs::path& path) {
    return path.string() + ".next";
}

std::optional<KeyBytes> read_next_key(const fs::path& path) {
    const auto next = next_key_file(path);
    const auto file = files::open_own(next, files::Access::read);
    if (!file && file.error().error == ENOENT) return std::nullopt;
    if (!file)
        fail("cannot open the state's next key " + next.string() + ": " +
             (file.error().error == 0 ? file.error().text : words_of(file.error().error)));
    return read_key(*file, next.string());
}

void write_next_key(const fs::path& path, const KeyBytes& key) {
    const auto next = next_key_file(path);
    ::unlink(next.c_str()); // of a replacement that did not come about
    SecretText text;
    spell(key, text);
    write_durably(next, text.view());
    make_name_durable(next);
}

void take_next_key(const fs::path& path) {
    const auto next = next_key_file(path);
    if (::rename(next.c_str(), path.c_str()) != 0)
        fail("cannot put the state's next key " + next.string() + " in the place of " +
             path.string() + ": " + words_of(errno));
    make_name_durable(path);
}

void drop_next_key(const fs::path& path) {
    ::unlink(next_key_file(path).c_str());
}

} // namespace medibridge::state
