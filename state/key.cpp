#include "state/key.hpp"

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
#include <stdexcept>
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

/// The key that the text spells; empty if it spells none.
std::vector<std::uint8_t> parse(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    if (text.size() != 2 * key_size) return {};
    return base::from_hex(text).value_or(std::vector<std::uint8_t>());
}

std::vector<std::uint8_t> read_key(const base::Descriptor& file, const std::string& path) {
    struct stat status{};
    if (::fstat(file.number(), &status) != 0)
        fail("cannot examine the state's key " + path + ": " + words_of(errno));
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
    write_durably(draft, spell(text).view());
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

std::vector<std::uint8_t> read_or_make_key(const fs::path& path) {
    auto file = files::open_own(path, files::Access::read);
    if (!file && file.error().error == ENOENT) {
        make_key(path);
        file = files::open_own(path, files::Access::read);
    }
    if (!file && file.error().error == 0)
        fail("the state's key " + path.string() + " " + file.error().text +
             "; a key that is kept elsewhere is named by state.key");
    if (!file)
        fail("cannot open the state's key " + path.string() + ": " + words_of(file.error().error));
    return read_key(*file, path.string());
}

std::vector<std::uint8_t> key_from_text(const std::string& text) {
    auto key = parse(text);
    if (key.empty()) fail("the state's key is not 64 hexadecimal digits");
    return key;
}

namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
/// What the derived key is for: the digests use the state's key itself.
constexpr std::string_view purpose = "medibridge sealed payload";

static_assert(Seal::key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(Seal::key_size == crypto_generichash_KEYBYTES);

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

} // namespace

struct Seal::Key {
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { sodium_memzero(bytes.data(), bytes.size()); }

    std::array<unsigned char, key_size> bytes{};
};

Seal::Seal(std::span<const std::uint8_t> state_key) {
    if (state_key.size() != key_size) throw std::invalid_argument("a state key has 32 bytes");
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used on this machine");
    const auto key = std::allocate_shared<Key>(base::LockedAllocator<Key>());
    crypto_generichash(key->bytes.data(), key->bytes.size(), bytes_of(purpose), purpose.size(),
                       state_key.data(), state_key.size());
    key_ = key;
}

std::string Seal::close(std::string_view text, std::string_view context) const {
    std::string sealed(nonce_size + text.size() + tag_size, '\0');
    randombytes_buf(sealed.data(), nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes_of(sealed) + nonce_size, nullptr, bytes_of(text), text.size(), bytes_of(context),
        context.size(), nullptr, bytes_of(sealed), key_->bytes.data());
    return sealed;
}

std::optional<std::string> Seal::open(std::string_view sealed, std::string_view context) const {
    if (sealed.size() < nonce_size + tag_size) return std::nullopt;
    std::string text(sealed.size() - nonce_size - tag_size, '\0');
    const auto failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes_of(text), nullptr, nullptr, bytes_of(sealed) + nonce_size, sealed.size() - nonce_size,
        bytes_of(context), context.size(), bytes_of(sealed), key_->bytes.data());
    if (failed != 0) return std::nullopt;
    return text;
}

} // namespace medibridge::state
