#include "state/audit_seal.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/locked.hpp"
#include "reconcile/digest.hpp"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <stdexcept>

namespace medibridge::state {

struct AuditSeal::Key {
    Key() = default;
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { sodium_memzero(bytes.data(), bytes.size()); }

    std::array<unsigned char, key_size> bytes{};
};

namespace {

/// What the derived key is for: the digests use the state's key itself.
constexpr std::string_view audit_purpose = "medibridge audit chain";

static_assert(AuditSeal::key_size == crypto_generichash_KEYBYTES);
static_assert(sizeof(Digest) >= crypto_generichash_BYTES_MIN);

/// Parts behind their lengths, so that no two lists of parts are the same message.
class ChainMessage {
  public:
    explicit ChainMessage(std::span<const unsigned char, AuditSeal::key_size> key) {
        crypto_generichash_init(&state_, key.data(), key.size(), sizeof(Digest));
    }

    ChainMessage& add(std::string_view part) {
        add(static_cast<std::int64_t>(part.size()));
        return raw(reinterpret_cast<const unsigned char*>(part.data()), part.size());
    }

    ChainMessage& add(std::int64_t number) {
        std::array<unsigned char, 8> bytes{};
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(number) >> (8 * i));
        return raw(bytes.data(), bytes.size());
    }

    ChainMessage& add(const Digest& digest) { return raw(digest.data(), digest.size()); }

    Digest finish() {
        Digest mac{};
        crypto_generichash_final(&state_, mac.data(), mac.size());
        return mac;
    }

  private:
    ChainMessage& raw(const unsigned char* bytes, std::size_t size) {
        crypto_generichash_update(&state_, bytes, size);
        return *this;
    }

    crypto_generichash_state state_;
};

} // namespace

AuditSeal::AuditSeal(std::span<const std::uint8_t> state_key) : rows_(state_key) {
    if (state_key.size() != key_size) throw std::invalid_argument("a state key has 32 bytes");
    if (sodium_init() < 0) throw std::runtime_error("libsodium cannot be used on this machine");
    const auto key = std::allocate_shared<Key>(base::LockedAllocator<Key>());
    crypto_generichash(key->bytes.data(), key->bytes.size(),
                       reinterpret_cast<const unsigned char*>(audit_purpose.data()),
                       audit_purpose.size(), state_key.data(), state_key.size());
    key_ = key;
    key_check_ = reconcile::Digester(state_key).pseudonym("medibridge state key");
}

Digest AuditSeal::mac(const Digest& previous, const AuditEntry& entry) const {
    return ChainMessage(key_->bytes)
        .add("line")
        .add(previous)
        .add(entry.id)
        .add(entry.at_ms)
        .add(entry.external_id)
        .add(entry.medicapp_id)
        .add(entry.action)
        .add(entry.detail)
        .add(entry.request_id)
        .add(entry.actor.name)
        .add(entry.actor.uid)
        .finish();
}

std::string AuditSeal::close(const AuditMark& mark, std::string_view place) const {
    const auto own =
        ChainMessage(key_->bytes).add("mark").add(place).add(mark.id).add(mark.mac).finish();
    return base::hex_number(static_cast<std::uint64_t>(mark.id), 16) + reconcile::hex(mark.mac) +
           reconcile::hex(own);
}

std::optional<AuditMark> AuditSeal::open(std::string_view text, std::string_view place) const {
    const auto bytes = base::from_hex(text);
    if (!bytes || bytes->size() != sizeof(std::int64_t) + 2 * sizeof(Digest)) return std::nullopt;
    AuditMark mark;
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < sizeof(id); ++i)
        id = id << 8U | (*bytes)[i];
    mark.id = static_cast<std::int64_t>(id);
    std::copy_n(bytes->begin() + sizeof(id), mark.mac.size(), mark.mac.begin());
    const std::string expected = close(mark, place);
    if (expected.size() != text.size() ||
        sodium_memcmp(expected.data(), text.data(), text.size()) != 0)
        return std::nullopt;
    return mark;
}

} // namespace medibridge::state
