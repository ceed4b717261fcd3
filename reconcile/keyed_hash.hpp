#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace medibridge::reconcile {

/// BLAKE2b-128 under a key (RFC 7693), of several messages at a time.
///
/// libsodium hashes the key's block again for each message, and one message after the other. The
/// messages of a patient's fields are short: here the key is hashed once, and four messages side by
/// side, which takes a quarter of the time. Messages of more than a block go through libsodium.
class KeyedHash {
  public:
    using Hash = std::array<std::uint8_t, 16>;
    static constexpr std::size_t key_size = 32;
    static constexpr std::size_t block_size = 128;

    /// `wide`: with registers of 256 bits, where the processor has them (AVX2).
    explicit KeyedHash(std::span<const std::uint8_t, key_size> key, bool wide = true);
    /// Wipes the key and what was made of it.
    ~KeyedHash();
    KeyedHash(const KeyedHash&) = delete;
    KeyedHash& operator=(const KeyedHash&) = delete;

    /// The hash of one message.
    Hash hash(std::string_view message) const;
    /// The hash of each message, in their order; as many hashes as messages.
    void hash(std::span<const std::string_view> messages, std::span<Hash> hashes) const;

  private:
    std::array<std::uint8_t, key_size> key_;
    bool wide_;
    std::array<std::uint64_t, 8> keyed_{}; ///< the state behind the key's block
};

} // namespace medibridge::reconcile
