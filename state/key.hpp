#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The state's key, and what is sealed with it.
namespace medibridge::state {

/// The 32-byte key of the state's digests. Reads `path` (64 hexadecimal digits, mode 0600 or
/// stricter); makes it first if it does not exist, durably, mode 0600. Throws StoreError for a key
/// that others may read, that is not 32 bytes, or that cannot be made.
std::vector<std::uint8_t> read_or_make_key(const std::filesystem::path& path);

/// The key out of a secret's text: 64 hexadecimal digits. Throws StoreError.
std::vector<std::uint8_t> key_from_text(const std::string& text);

/// Authenticated encryption of what must survive in the state and is personal data:
/// XChaCha20-Poly1305 (libsodium) with a random nonce, under a key derived from the state's key.
/// Cheap to copy; the key is wiped when the last copy goes.
class Seal {
  public:
    static constexpr std::size_t key_size = 32;

    /// Throws std::invalid_argument unless the key has `key_size` bytes.
    explicit Seal(std::span<const std::uint8_t> state_key);

    /// What only open() with the same `context` turns into `text` again. `context` says where the
    /// result is kept (not secret): with another one it cannot be decrypted.
    std::string close(std::string_view text, std::string_view context) const;
    /// Nothing if it was sealed with another key or context, or was changed since.
    std::optional<std::string> open(std::string_view sealed, std::string_view context) const;

  private:
    struct Key;
    std::shared_ptr<const Key> key_;
};

} // namespace medibridge::state
