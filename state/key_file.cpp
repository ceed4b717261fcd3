#include "state/key_file.hpp"

#include "base/bytes/descriptor.hpp"
#include "base/bytes/encode.hpp"
#include "state/store.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sodium.h>
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

/// The key that the text spells; empty if it spells none.
std::vector<std::uint8_t> parse(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    if (text.size() != 2 * key_size) return {};
    return base::from_hex(text).value_or(std::vector<std::uint8_t>());
}

std::vector<std::uint8_t> read_key(const base::Descriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode))
        fail("the state's key " + path + " is not a regular file");
    if ((status.st_mode & 077U) != 0)
        fail("others may read the state's key " + path +
             ": chmod 600 it, and think about who "
             "may have read it");
    SecretText text;
    const ssize_t length = ::read(file.number(), text.bytes.data(), text.bytes.size());
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
    sodium_bin2hex(text.bytes.data(), text.bytes.size(), bytes.data(), bytes.size());
    text.size = 2 * bytes.size();
    ::explicit_bzero(bytes.data(), bytes.size());
    text.bytes[text.size++] = '\n';
    return text;
}

void write_durably(const fs::path& path, std::string_view text) {
    const base::Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL);
    if (file.is_open() &&
        ::write(file.number(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        ::fsync(file.number()) == 0)
        return;
    const int error = errno;
    if (file.is_open()) ::unlink(path.c_str());
    fail("cannot make the state's key " + path.string() + ": " + words_of(error) +
         (error == ENOSPC ? "; free some space"
                          : "; its directory must belong to the user that runs medibridge"));
}

void make_name_durable(const fs::path& path) {
    const fs::path parent = path.parent_path();
    const base::Descriptor directory(parent.empty() ? fs::path(".") : parent,
                                     O_RDONLY | O_DIRECTORY);
    if (!directory.is_open() || ::fsync(directory.number()) != 0)
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
    base::Descriptor file(path, O_RDONLY);
    if (!file.is_open() && errno == ENOENT) {
        make_key(path);
        file = base::Descriptor(path, O_RDONLY);
    }
    if (!file.is_open())
        fail("cannot open the state's key " + path.string() + ": " + words_of(errno));
    return read_key(file, path.string());
}

std::vector<std::uint8_t> key_from_text(const std::string& text) {
    auto key = parse(text);
    if (key.empty()) fail("the state's key is not 64 hexadecimal digits");
    return key;
}

} // namespace medibridge::state
