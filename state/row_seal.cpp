#include "state/row_seal.hpp"

#include <array>
#include <bit>
#include <sodium.h>
#include <stdexcept>

namespace medibridge::state {

struct RowSeal::Key {
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { sodium_memzero(bytes.data(), bytes.size()); }

    std::int64_t mac(std::string_view row) const;

    std::array<unsigned char, crypto_shorthash_KEYBYTES> bytes{};
};

namespace {

/// What the derived key is for: the digests use the state's key itself.
constexpr std::string_view row_purpose = "medibridge rows of the state";

static_assert(RowSeal::key_size == crypto_generichash_KEYBYTES);
static_assert(crypto_shorthash_BYTES == sizeof(std::int64_t));

} // namespace

std::shared_ptr<const RowSeal::Key> RowSeal::derived(std::span<const std::uint8_t> state_key) {
    if (state_key.size() != key_size) throw std::invalid_argument("a state key has 32 bytes");
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used on this machine");
    const auto key = std::make_shared<Key>();
    crypto_generichash(key->bytes.data(), key->bytes.size(),
                       reinterpret_cast<const unsigned char*>(row_purpose.data()),
                       row_purpose.size(), state_key.data(), state_key.size());
    return key;
}

RowSeal::RowSeal(std::span<const std::uint8_t> state_key) : key_(derived(state_key)) {}

RowSeal::RowSeal(const KeyRing& ring) : key_(derived(ring.seal.bytes())) {
    if (ring.former) former_ = derived(ring.former->bytes());
}

std::int64_t RowSeal::Key::mac(std::string_view row) const {
    std::array<unsigned char, crypto_shorthash_BYTES> its{};
    crypto_shorthash(its.data(), reinterpret_cast<const unsigned char*>(row.data()), row.size(),
                     bytes.data());
    std::uint64_t number = 0;
    for (std::size_t i = its.size(); i-- > 0;)
        number = number << 8U | its[i];
    return std::bit_cast<std::int64_t>(number);
}

std::int64_t RowSeal::mac(std::string_view row) const {
    return key_->mac(row);
}

bool RowSeal::vouches(std::string_view row, std::int64_t mac) const {
    return key_->mac(row) == mac || (former_ && former_->mac(row) == mac);
}

} // namespace medibridge::state
