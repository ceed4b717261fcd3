#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::state {

/// 32 bytes of a key, in locked memory. Cheap to copy; wiped when the last copy goes.
class KeyBytes {
  public:
    static constexpr std::size_t size = 32;

    /// Throws std::invalid_argument for another number of bytes.
    explicit KeyBytes(std::span<const std::uint8_t> bytes);
    /// From the system's randomness.
    static KeyBytes random();

    std::span<const std::uint8_t, size> bytes() const;
    /// 12 hexadecimal digits that tell it from other keys, and say nothing else of it.
    std::string check() const;
    bool operator==(const KeyBytes& other) const;

  private:
    struct Memory;
    explicit KeyBytes(std::shared_ptr<Memory> memory) : memory_(std::move(memory)) {}
    std::shared_ptr<const Memory> memory_;
};

/// The lines of the audit up to that one have macs under a key that was in use then.
struct AuditEra {
    std::int64_t until_id = 0;
    KeyBytes key;
};

/// The keys that a state is sealed with. Before the state's own key is replaced for the first time
/// all of them are that key; then they are random, and kept in the state, where only a key of the
/// state opens them.
struct KeyRing {
    /// Of a state whose key was never replaced.
    explicit KeyRing(const KeyBytes& state_key);

    /// As text that only `master` opens.
    std::string close() const;
    /// Nothing if it was not made with that master key. `holder` stays empty.
    static std::optional<KeyRing> open(std::string_view closed, const KeyBytes& master);

    KeyBytes digest; ///< of digests and pseudonyms: the state's first key, for good
    KeyBytes seal;   ///< what is written is sealed with it
    /// What was written before it may still be sealed with this one; nothing: all is sealed again.
    std::optional<KeyBytes> former;
    std::vector<AuditEra> eras;     ///< rising; later lines have macs under `seal`
    std::optional<KeyBytes> master; ///< seals the ring; nothing: the ring is not kept
    std::string successor;          ///< check() of the state's next key, until it is in use
    std::string holder;             ///< check() of the state's key that opened it
};

/// The master key as text that only that key of a state opens.
std::string wrap_master(const KeyBytes& master, const KeyBytes& state_key);
/// Nothing if it was wrapped for another key, or changed since.
std::optional<KeyBytes> unwrap_master(std::string_view wrapped, const KeyBytes& state_key);

} // namespace medibridge::state
