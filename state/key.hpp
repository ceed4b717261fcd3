#pragma once

#include "state/key_ring.hpp"
#include "state/records.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What is sealed with the state's keys.
namespace medibridge::state {

/// Authenticated encryption of what must survive in the state and is personal data:
/// XChaCha20-Poly1305 (libsodium) with a random nonce, under a key derived from the state's key.
/// Cheap to copy; the key is wiped when the last copy goes.
class Seal {
  public:
    static constexpr std::size_t key_size = 32;

    /// Throws std::invalid_argument unless the key has `key_size` bytes.
    explicit Seal(std::span<const std::uint8_t> state_key);
    /// Closes with the newest key of the ring, and opens what the former one closed, too.
    explicit Seal(const KeyRing& ring);

    /// What only open() with the same `context` turns into `text` again. `context` says where the
    /// result is kept (not secret): with another one it cannot be decrypted.
    std::string close(std::string_view text, std::string_view context) const;
    /// Nothing if it was sealed with another key or context, or was changed since.
    std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

    /// What the former key closed, closed with the newest. Nothing: the newest did, or neither.
    std::optional<std::string> again(std::string_view sealed, std::string_view context) const;

  private:
    struct Key;
    static std::shared_ptr<const Key> derived(std::span<const std::uint8_t> state_key);

    std::shared_ptr<const Key> key_;
    std::shared_ptr<const Key> former_; ///< null: there is none
};

/// Where a sealed text is kept: what Seal binds it to.
std::string seal_place(const InboxEntry& entry);
std::string seal_place(const InboxReceipt& receipt);

} // namespace medibridge::state
