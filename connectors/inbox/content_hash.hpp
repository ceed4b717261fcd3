#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace medibridge::connectors {

/// BLAKE2b-256 of what a sender handed over, byte for byte (libsodium's crypto_generichash).
using ContentDigest = std::array<std::uint8_t, 32>;

ContentDigest content_digest(std::string_view content);

/// content_digest() of what comes piece by piece.
class ContentHash {
  public:
    ContentHash();
    ~ContentHash();
    ContentHash(ContentHash&&) noexcept;
    ContentHash& operator=(ContentHash&&) noexcept;

    void add(std::string_view bytes);
    /// Of everything that was added; nothing may be added after it.
    ContentDigest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace medibridge::connectors
