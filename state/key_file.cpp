#include "state/key_file.hpp"

#include "state/store.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/random.h>
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

std::string words_of(int error) {
    return std::generic_category().message(error);
}

/// A file that closes itself.
class KeyFile {
  public:
    KeyFile(const fs::path& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)),
          error_(descriptor_ < 0 ? errno : 0) {}
    KeyFile(const KeyFile&) = delete;
    KeyFile& operator=(const KeyFile&) = delete;
    ~KeyFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    int descriptor() const { return descriptor_; }
    int error() const { return error_; }

  private:
    int descriptor_;
    int error_;
};

/// Text that is wiped when it goes.
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

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The key that the text spells; empty if it spells none.
std::vector<std::uint8_t> parse(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    if (text.size() != 2 * key_size) return {};
    std::vector<std::uint8_t> key;
    key.reserve(key_size);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0) return {};
        key.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return key;
}

std::vector<std::uint8_t> read_key(const KeyFile& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode))
        fail("the state's key " + path + " is not a regular file");
    if ((status.st_mode & 077U) != 0)
        fail("others may read the state's key " + path +
             ": chmod 600 it, and think about who "
             "may have read it");
    SecretText text;
    const ssize_t length = ::read(file.descriptor(), text.bytes.data(), text.bytes.size());
    if (length < 0) fail("cannot read the state's key " + path + ": " + words_of(errno));
    text.size = static_cast<std::size_t>(length);
    auto key = parse(text.view());
    if (key.empty())
        fail("the state's key " + path +
             " is not 64 hexadecimal digits: restore it from a "
             "backup; a state file is of use only with its own key");
    return key;
}

SecretText& spell(SecretText& text) {
    std::array<std::uint8_t, key_size> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        fail("the system gives no randomness for the state's key: " + words_of(errno));
    constexpr std::string_view digits = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) {
        text.bytes[text.size++] = digits[byte >> 4U];
        text.bytes[text.size++] = digits[byte & 15U];
    }
    ::explicit_bzero(bytes.data(), bytes.size());
    text.bytes[text.size++] = '\n';
    return text;
}

void write_durably(const fs::path& path, std::string_view text) {
    const KeyFile file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (file.error() == 0 &&
        ::write(file.descriptor(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file.descriptor()) == 0)
        return;
    const int error = file.error() != 0 ? file.error() : errno;
    if (file.error() == 0) ::unlink(path.c_str());
    fail("cannot make the state's key " + path.string() + ": " + words_of(error) +
         (error == ENOSPC ? "; free some space"
                          : "; its directory must belong to the user that runs medibridge"));
}

void make_name_durable(const fs::path& path) {
    const fs::path parent = path.parent_path();
    const KeyFile directory(parent.empty() ? fs::path(".") : parent, O_RDONLY | O_DIRECTORY);
    if (directory.error() != 0 || ::fsync(directory.descriptor()) != 0)
        fail("cannot make the state's key " + path.string() + " durable: " + words_of(errno));
}

/// The key appears under its name whole or not at all, and never in place of another's.
void make_key(const fs::path& path) {
    const fs::path draft = path.string() + ".new." + std::to_string(::getpid());
    ::unlink(draft.c_str());
    SecretText text;
    write_durably(draft, spell(text).view());
    const int error = ::link(draft.c_str(), path.c_str()) == 0 ? 0 : errno;
    ::unlink(draft.c_str());
    if (error != 0 && error != EEXIST)
        fail("cannot make the state's key " + path.string() + ": " + words_of(error));
    make_name_durable(path);
}

} // namespace

std::vector<std::uint8_t> read_or_make_key(const fs::path& path) {
    if (const KeyFile file(path, O_RDONLY); file.error() != ENOENT) {
        if (file.error() != 0)
            fail("cannot open the state's key " + path.string() + ": " + words_of(file.error()));
        return read_key(file, path.string());
    }
    make_key(path);
    const KeyFile file(path, O_RDONLY);
    if (file.error() != 0)
        fail("cannot open the state's key " + path.string() + ": " + words_of(file.error()));
    return read_key(file, path.string());
}

std::vector<std::uint8_t> key_from_text(const std::string& text) {
    auto key = parse(text);
    if (key.empty()) fail("the state's key is not 64 hexadecimal digits");
    return key;
}

} // namespace medibridge::state
