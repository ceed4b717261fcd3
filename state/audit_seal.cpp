#include "state/audit_seal.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/locked.hpp"
#include "reconcile/digest.hpp"

#include <algorithm>
#include <array>
#include <sodium.h>

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

std::shared_ptr<const AuditSeal::Key> AuditSeal::derived(const KeyBytes& its) {
    const auto key = std::allocate_shared<Key>(base::LockedAllocator<Key>());
    crypto_generichash(key->bytes.data(), key->bytes.size(),
                       reinterpret_cast<const unsigned char*>(audit_purpose.data()),
                       audit_purpose.size(), its.bytes().data(), its.bytes().size());
    return key;
}

AuditSeal::AuditSeal(std::span<const std::uint8_t> state_key)
    : AuditSeal(KeyRing(KeyBytes(state_key))) {}

AuditSeal::AuditSeal(const KeyRing& ring)
    : ring_(ring),
      key_(derived(ring.seal)),
      rows_(ring),
      key_check_(ring.seal.check()) {
    for (const auto& era : ring.eras)
        eras_.push_back({era.until_id, derived(era.key)});
}

const AuditSeal::Key& AuditSeal::key_of_line(std::int64_t id) const {
    const auto era =
        std::ranges::find_if(eras_, [id](const Era& its) { return id <= its.until_id; });
    return era == eras_.end() ? *key_ : *era->key;
}

Digest AuditSeal::mac(const Digest& previous, const AuditEntry& entry) const {
    return ChainMessage(key_of_line(entry.id).bytes)
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
