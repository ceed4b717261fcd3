#include "state/key.hpp"

#include "base/bytes/locked.hpp"

#include <array>
#include <sodium.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace medibridge::state {

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

    std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

    std::array<unsigned char, key_size> bytes{};
};

std::shared_ptr<const Seal::Key> Seal::derived(std::span<const std::uint8_t> state_key) {
    if (state_key.size() != key_size) throw std::invalid_argument("a state key has 32 bytes");
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used on this machine");
    const auto key = std::allocate_shared<Key>(base::LockedAllocator<Key>());
    crypto_generichash(key->bytes.data(), key->bytes.size(), bytes_of(purpose), purpose.size(),
                       state_key.data(), state_key.size());
    return key;
}

Seal::Seal(std::span<const std::uint8_t> state_key) : key_(derived(state_key)) {}

Seal::Seal(const KeyRing& ring) : key_(derived(ring.seal.bytes())) {
    if (ring.former) former_ = derived(ring.former->bytes());
}

std::string Seal::close(std::string_view text, std::string_view context) const {
    std::string sealed(nonce_size + text.size() + tag_size, '\0');
    randombytes_buf(sealed.data(), nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytes_of(sealed) + nonce_size, nullptr, bytes_of(text), text.size(), bytes_of(context),
        context.size(), nullptr, bytes_of(sealed), key_->bytes.data());
    return sealed;
}

std::optional<std::string> Seal::Key::open(std::string_view sealed,
                                           std::string_view context) const {
    if (sealed.size() < nonce_size + tag_size) return std::nullopt;
    std::string text(sealed.size() - nonce_size - tag_size, '\0');
    const auto failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytes_of(text), nullptr, nullptr, bytes_of(sealed) + nonce_size, sealed.size() - nonce_size,
        bytes_of(context), context.size(), bytes_of(sealed), bytes.data());
    if (failed != 0) return std::nullopt;
    return text;
}

std::optional<std::string> Seal::open(std::string_view sealed, std::string_view context) const {
    auto text = key_->open(sealed, context);
    if (!text && former_) text = former_->open(sealed, context);
    return text;
}

std::optional<std::string> Seal::again(std::string_view sealed, std::string_view context) const {
    if (!former_ || key_->open(sealed, context)) return std::nullopt;
    auto text = former_->open(sealed, context);
    if (!text) return std::nullopt;
    auto closed = close(*text, context);
    base::wipe(text->data(), text->size());
    return closed;
}

std::string seal_place(const InboxEntry& entry) {
    return entry.source + '\n' + entry.key;
}

std::string seal_place(const InboxReceipt& receipt) {
    return "receipt\n" + receipt.source + '\n' + reconcile::hex(receipt.content);
}

} // namespace medibridge::state
