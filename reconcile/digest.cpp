#include "reconcile/digest.hpp"

#include "base/bytes/encode.hpp"
#include "base/bytes/locked.hpp"

#include <algorithm>
#include <cstddef>
#include <sodium.h>
#include <stdexcept>

namespace medibridge::reconcile {

/// The key, as a hash that has taken it and nothing else.
struct Digester::Key {
    explicit Key(std::span<const std::uint8_t> key) {
        crypto_generichash_init(&begun, key.data(), key.size(), sizeof(Digest));
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { sodium_memzero(&begun, sizeof(begun)); }

    crypto_generichash_state begun;
};

namespace {

static_assert(sizeof(Digest) >= crypto_generichash_BYTES_MIN);
static_assert(Digester::key_size == crypto_generichash_KEYBYTES);

/// A message of several parts, each behind its length, so that no two lists of parts are the same
/// message. finish() wipes what the hash and this have buffered.
class Message {
  public:
    /// `begun`: the hash that has taken the key, and nothing else.
    explicit Message(const crypto_generichash_state& begun) : state_(begun) {}

    Message& add(std::string_view part) {
        std::array<char, 8> size{};
        for (std::size_t i = 0; i < size.size(); ++i)
            size[i] = static_cast<char>(static_cast<std::uint64_t>(part.size()) >> (8 * i));
        put({size.data(), size.size()});
        put(part);
        return *this;
    }

    Digest finish() {
        Digest digest{};
        hash(std::string_view(waiting_.data(), used_));
        sodium_memzero(waiting_.data(), most_);
        crypto_generichash_final(&state_, digest.data(), digest.size());
        // It is reserved. A hash practically never hits it; if it does, this does no harm.
        if (digest == Digest{}) digest.front() ^= 0x80;
        return digest;
    }

  private:
    /// The parts are short, and the hash is slow to take each by itself.
    void put(std::string_view bytes) {
        if (bytes.size() > waiting_.size() - used_) {
            hash(std::string_view(waiting_.data(), used_));
            used_ = 0;
        }
        if (bytes.size() > waiting_.size()) return hash(bytes);
        std::ranges::copy(bytes, waiting_.begin() + static_cast<std::ptrdiff_t>(used_));
        used_ += bytes.size();
        most_ = std::max(most_, used_);
    }

    void hash(std::string_view bytes) {
        crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
    }

    crypto_generichash_state state_;
    std::array<char, 256> waiting_; // NOLINT: what is read of it was written
    std::size_t used_ = 0;
    std::size_t most_ = 0; ///< so many of its bytes were ever written
};

// The first part of every message says what the digest is for.
constexpr std::string_view field_purpose = "field";
constexpr std::string_view text_purpose = "text";
constexpr std::string_view pseudonym_purpose = "pseudonym";

FieldDigest front_of(const Digest& digest) {
    FieldDigest front{};
    std::copy_n(digest.begin(), front.size(), front.begin());
    // As with Digest itself: these are reserved.
    if (front == FieldDigest{} || front == cleared_digest || front == unseen_digest)
        front.front() ^= 0x80;
    return front;
}

constexpr std::size_t pseudonym_bytes = 6;
constexpr std::string_view nameless_prefix = "record:";

} // namespace

Digester::Digester(std::span<const std::uint8_t> key) {
    if (key.size() != key_size) throw std::invalid_argument("a digest key has 32 bytes");
    if (sodium_init() < 0) throw std::runtime_error("libsodium finds no source of randomness");
    key_ = std::allocate_shared<Key>(base::LockedAllocator<Key>(), key);
}

FieldDigests Digester::fields(const Patient& patient) const {
    FieldDigests digests{};
    for (const Field field : all_fields()) {
        const auto& value = patient[field];
        auto& digest = digests[static_cast<std::size_t>(field)];
        if (value.state() == FieldValue::State::cleared ||
            (value.is_known() && value.text().empty())) {
            digest = cleared_digest;
        } else if (value.is_known()) {
            digest = front_of(Message(key_->begun)
                                  .add(field_purpose)
                                  .add(name(field))
                                  .add(patient.external_id())
                                  .add(value.text())
                                  .finish());
        }
    }
    return digests;
}

Digest Digester::text(std::string_view domain, std::string_view text) const {
    return Message(key_->begun).add(text_purpose).add(domain).add(text).finish();
}

std::string Digester::pseudonym(std::string_view external_id) const {
    const auto digest = Message(key_->begun).add(pseudonym_purpose).add(external_id).finish();
    return base::hex(std::span(digest).first(pseudonym_bytes));
}

std::string hex(const Digest& digest) {
    return base::hex(digest);
}

std::string hex(const FieldDigest& digest) {
    return base::hex(digest);
}

std::string nameless_key(const Digest& digest) {
    return std::string(nameless_prefix) + hex(digest);
}

bool is_nameless_key(std::string_view key) {
    return key.starts_with(nameless_prefix);
}

} // namespace medibridge::reconcile
